using System.Text.RegularExpressions;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>
/// The calls of the script and of the guides, judged by the real <c>gcloud</c> of the machine. It has no account and no configuration, and refuses an unknown
/// flag before it asks for one. <c>ssh</c>, <c>scp</c> and tunnels never run, since they write keys: their flags stand in its table of completions.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class JudgingCalls : IDisposable
{
    private const string NoAccount = "You do not currently have an active account selected";

    private static readonly string[] NeverRun = ["ssh", "scp", "start-iap-tunnel"];
    private static readonly string? Gcloud = ((string[])["/usr/bin/gcloud", "/usr/lib/google-cloud-sdk/bin/gcloud"]).FirstOrDefault(File.Exists);

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

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
        await JudgeAsync(calls);
    }

    [Fact]
    public async Task Every_call_of_the_guides_is_one_of_gcloud()
    {
        SkipWithoutGcloud();
        var calls = Prose.Files("gcp-*.md", "docs/deploy").SelectMany(static guide => Scripts.BlocksOf(guide, "sh").Concat(Scripts.BlocksOf(guide, "bash")))
            .Where(static line => line.StartsWith("gcloud ", StringComparison.Ordinal)).Select(Words).ToList();

        Assert.InRange(calls.Count, 30, int.MaxValue);
        await JudgeAsync(calls);
    }

    /// <summary>The test of the test: a wrong flag, a wrong value, a missing name, a command that is none, and a wrong flag of what never runs.</summary>
    [Theory]
    [InlineData("gcloud compute networks create aspire --subnet-modes=custom")]
    [InlineData("gcloud compute networks create aspire --subnet-mode=customs")]
    [InlineData("gcloud compute networks create --subnet-mode=custom")]
    [InlineData("gcloud compute machines list")]
    [InlineData("gcloud compute ssh aspire-middleware --tunnel-trough-iap")]
    public async Task A_call_that_gcloud_does_not_know_is_found(string call)
    {
        SkipWithoutGcloud();
        Assert.NotNull(await FaultOfAsync(Words(call)));
    }

    private static void SkipWithoutGcloud() =>
        Assert.SkipUnless(Gcloud is not null, "gcloud is not installed: nothing judges the flags of its calls here.");

    private async Task JudgeAsync(IEnumerable<string[]> calls)
    {
        // Lists differ in the names that they look for.
        var distinct = calls.DistinctBy(static words => string.Join(' ', words.Select(static word => word.StartsWith("--filter=", StringComparison.Ordinal) ? "--filter" : word)));
        var faults = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(distinct, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (words, _) =>
        {
            if (await FaultOfAsync(words) is { } fault)
            {
                faults.Add($"{string.Join(' ', words)}: {fault}");
            }
        });
        Prose.AssertNone(faults);
    }

    /// <summary>The words of gcloud against a call; null for one that it takes.</summary>
    private async Task<string?> FaultOfAsync(string[] words)
    {
        if (words.Intersect(NeverRun).Any())
        {
            return FaultByTable(words);
        }

        var (exitCode, output) = await Command.RunAsync(
            _folder.Path, Gcloud!, words[1..],
            ("HOME", _folder.Path), ("CLOUDSDK_CONFIG", _folder.Path), ("CLOUDSDK_CORE_CHECK_GCE_METADATA", "false"), ("CLOUDSDK_CORE_PROJECT", CloudDouble.Project),
            ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"), ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "true"), ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "true"));
        return exitCode == 0 || (exitCode == 1 && output.Contains(NoAccount, StringComparison.Ordinal)) ? null : $"{exitCode} {output}";
    }

    /// <summary>Looks for the flags of <c>gcloud compute ssh</c> and its like, which stand in the table with four blanks more than the command's name.</summary>
    private static string? FaultByTable(string[] words)
    {
        var table = File.ReadAllText(Path.Combine(Path.GetDirectoryName(File.ResolveLinkTarget(Gcloud!, returnFinalTarget: true)?.FullName ?? Gcloud!)!, "..", "data/cli/gcloud_completions.py"));
        var compute = table.IndexOf("\n    \"compute\": {", StringComparison.Ordinal);
        var command = table.IndexOf($"\n        \"{words[2]}\": {{", compute, StringComparison.Ordinal);
        var flags = Flag().Matches(table[command..table.IndexOf("\n        }", command, StringComparison.Ordinal)]).Select(static flag => flag.Groups[1].Value)
            .Concat(["--project", "--verbosity", "--format", "--quiet"]).ToHashSet();
        return words.Where(static word => word.StartsWith("--", StringComparison.Ordinal)).Select(static word => word.Split('=')[0]).FirstOrDefault(flag => !flags.Contains(flag)) is { } unknown
            ? $"{unknown} is no flag of {words[2]}"
            : null;
    }

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

    [GeneratedRegex("\"(--[a-z0-9-]+)\": ")]
    private static partial Regex Flag();

    [GeneratedRegex(@"(?:""[^""]*""|'[^']*'|\\.|[^\s""'\\])+")]
    private static partial Regex Word();

    [GeneratedRegex(@"""([^""]*)""|'([^']*)'|\\(.)")]
    private static partial Regex Quote();
}
