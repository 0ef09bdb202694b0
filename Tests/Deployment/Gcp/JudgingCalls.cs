using System.Text.RegularExpressions;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>The calls of the script and of the guides, judged by the real <c>gcloud</c> of the machine: it reads each with its flags and values, and runs none.</summary>
[Trait("Speed", "Slow")]
public sealed partial class JudgingCalls : InAFolder
{
    private static readonly string? Gcloud = ((string[])["/usr/bin/gcloud", "/usr/lib/google-cloud-sdk/bin/gcloud"]).FirstOrDefault(File.Exists);

    [Fact]
    public async Task Every_call_of_the_script_is_one_of_gcloud()
    {
        SkipWithoutGcloud();
        using var cloud = new CloudDouble();
        await cloud.DeployAsync();
        await cloud.RunAsync($"--project {CloudDouble.Project} --package {cloud.Package} --allow 203.0.113.0/24");
        cloud.Edit("compute-instances/aspire-middleware", "RUNNING", "TERMINATED");
        cloud.Edit("compute-instances/aspire-receiver", "RUNNING", "TERMINATED");
        cloud.Edit("compute-disks/aspire-data", "--resource-policies=aspire-daily", "");
        await cloud.DeployAsync();
        await cloud.DestroyAsync("--delete-data");

        var calls = cloud.Calls.Select(Words).ToList();
        Assert.InRange(calls.Count, 50, int.MaxValue);
        Prose.AssertNone(await FaultsAsync(calls));
    }

    [Fact]
    public async Task Every_call_of_the_guides_is_one_of_gcloud()
    {
        SkipWithoutGcloud();
        var calls = Prose.Files("gcp-*.md", "docs/deploy").SelectMany(static guide => Scripts.BlocksOf(guide, "sh").Concat(Scripts.BlocksOf(guide, "bash")))
            .Where(static line => line.StartsWith("gcloud ", StringComparison.Ordinal)).Select(Words).ToList();

        Assert.InRange(calls.Count, 30, int.MaxValue);
        Prose.AssertNone(await FaultsAsync(calls));
    }

    /// <summary>The test of the test: a wrong flag, a wrong value, a missing name, a command that is none, and a wrong flag of ssh.</summary>
    [Theory]
    [InlineData("gcloud compute networks create aspire --subnet-modes=custom")]
    [InlineData("gcloud compute networks create aspire --subnet-mode=customs")]
    [InlineData("gcloud compute networks create --subnet-mode=custom")]
    [InlineData("gcloud compute machines list")]
    [InlineData("gcloud compute ssh aspire-middleware --tunnel-trough-iap")]
    public async Task A_call_that_gcloud_does_not_know_is_found(string call)
    {
        SkipWithoutGcloud();
        Assert.Single(await FaultsAsync([Words(call)]));
    }

    private static void SkipWithoutGcloud() => Assert.SkipUnless(Gcloud is not null, "gcloud is not installed: nothing judges the flags of its calls here.");

    /// <summary>The calls that gcloud does not take, each with its words against it.</summary>
    private async Task<IReadOnlyList<string>> FaultsAsync(IEnumerable<string[]> calls)
    {
        // What follows "--" is for ssh.
        var asked = calls.Select(static words => string.Join(' ', words.TakeWhile(static word => word != "--").Select(Quoted))).Distinct().ToList();
        var file = Path.Combine(Folder.Path, "calls.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(asked.Select(static call => new { command_string = call })), Waiting.Cancellation);
        var output = await Command.RunAsync(
            Folder.Path, Gcloud!, ["meta", "lint-gcloud-commands", $"--commands-file={file}"],
            ("HOME", Folder.Path), ("CLOUDSDK_CONFIG", Folder.Path), ("CLOUDSDK_CORE_CHECK_GCE_METADATA", "false"),
            ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"), ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "true"), ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "true")).Succeeds();

        var judged = JsonNode.Parse(output.Split('\n')[0])!.AsArray();
        Assert.Equal(asked.Count, judged.Count);
        return [.. judged.Where(static call => !(bool)call!["success"]!).Select(static call => $"{call!["command_string"]}: {call["error_message"]}")];
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>The words of a call as a shell makes them of it, with the variables of the guides.</summary>
    private static string[] Words(string call)
    {
        var text = call.Split(" > ")[0];
        foreach (var (name, value) in ((string, string)[])[
            ("MIDDLEWARE_ACCOUNT", "aspire-middleware@my-project.iam.gserviceaccount.com"), ("RECEIVER_ACCOUNT", "aspire-receiver@my-project.iam.gserviceaccount.com"),
            ("PROJECT", CloudDouble.Project), ("ZONE", CloudDouble.Zone), ("NEW_ZONE", "asia-southeast1-b"), ("REGION", "asia-southeast1"), ("ALLOWED", "35.235.240.0/20,203.0.113.0/24"), ("machine", "aspire-receiver"), ("package", "p.tar.gz")])
        {
            text = Regex.Replace(text, $@"\${name}\b", value);
        }

        return [.. Word().Matches(text).Select(static word => Quote().Replace(word.Value, "$1$2$3"))];
    }

    [GeneratedRegex(@"(?:""[^""]*""|'[^']*'|\\.|[^\s""'\\])+")]
    private static partial Regex Word();

    [GeneratedRegex(@"""([^""]*)""|'([^']*)'|\\(.)")]
    private static partial Regex Quote();
}
