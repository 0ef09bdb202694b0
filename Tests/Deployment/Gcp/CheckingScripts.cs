using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Gcp;

public sealed class CheckingScripts : InAFolder
{
    [Fact]
    public async Task Shellcheck_finds_nothing()
    {
        Assert.InRange(Scripts.All.Count, 4, int.MaxValue);
        var output = await Command.RunAsync(Prose.Root, Tool.Find("shellcheck"), ["--severity=style", .. Scripts.All]).Succeeds();
        Assert.Empty(output);
    }

    /// <summary>The test of the test: a name that is split, and a variable that nothing sets.</summary>
    [Theory]
    [InlineData("rm -rf \"$release.part\"", "rm -rf $release.part", "SC2086")]
    [InlineData("cat \"$package/VERSION\"", "cat \"$pakage/VERSION\"", "SC2154")]
    public async Task A_fault_is_found(string right, string wrong, string code)
    {
        var script = Path.Combine(Folder.Path, "faulty.sh");
        await File.WriteAllTextAsync(script, new DeployedFiles((Scripts.Install, right, wrong)).Read(Scripts.Install), Waiting.Cancellation);

        var (exitCode, output) = await Command.RunAsync(Prose.Root, Tool.Find("shellcheck"), [script]);

        Assert.Equal(1, exitCode);
        Assert.Contains(code, output, StringComparison.Ordinal);
    }
}
