using Tests.Words;

namespace Tests.Deployment;

/// <summary>The workflows, without GitHub. <c>.ci/workflows</c> has actionlint read them too.</summary>
public class ReleasingAVersion
{
    private const string Check = ".github/workflows/ci.yml";
    private const string Release = ".github/workflows/release.yml";

    public static TheoryData<string> Workflows => [.. Prose.Files("*.yml", ".github").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_keeps_the_rules(string file) => Prose.AssertNone(WorkflowRules.Faults(file, new()));

    [Theory]
    [InlineData(Check, "run: .ci/run", "run: .ci/runs", "check: there is no .ci/runs")]
    [InlineData(Check, "timeout-minutes: 120", "env: {}", "check: it has no machine or no bound")]
    [InlineData(Check, "persist-credentials: false", "persist-credentials: true", "check: its token stays in the clone")]
    [InlineData(Check, "setup-node@v5", "setup-node@main", "check: actions/setup-node@main may be any version")]
    [InlineData(Release, "contents: read\n\njobs", "contents: write\n\njobs", "a job may do more than read where it asks for nothing")]
    [InlineData(Release, "workflows/ci.yml", "workflows/tests.yml", "check: there is no workflow ./.github/workflows/tests.yml")]
    [InlineData(Release, "eng/pack artifacts", "eng/packs artifacts", "build: there is no eng/packs")]
    [InlineData(Release, "$GITHUB_REF_NAME\" --repo", "${{ github.event.ref }}\" --repo", "release: a script has a text of others in it")]
    public void A_fault_is_found(string file, string text, string other, string fault) =>
        Assert.Contains(fault, WorkflowRules.Faults(file, new((file, text, other))));

    [Fact]
    public void Images_of_the_cluster_are_those_of_the_version()
    {
        var tags = Prose.Files("kustomization.yaml", "deploy/kubernetes")
            .SelectMany(static file => YamlText.Parse(new DeployedFiles().Read(file))["images"]?.AsArray() ?? [])
            .Select(static image => image!["newTag"]!.ToString());

        Assert.Equal([DeployedFiles.Version], tags.Distinct());
    }
}
