using System.Globalization;
using Tests.Middleware.Storage.Postgres;
using Tests.Words;

namespace Tests.Chaos;

/// <summary>Runs of some seeds, each with other faults. <c>CHAOS_SEED</c> and <c>CHAOS_SECONDS</c> choose another, and <c>CHAOS_LOG</c> a file for the lines of the services; hours of it run by <c>bench chaos</c>.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class SurvivingChaos
{
    private const int Limit = 600_000;
    private const int Seconds = 40;

    public static TheoryData<int, int> Runs => Given("CHAOS_SEED") is { } seed ? new() { { seed, 3 } } : new() { { 1, 3 }, { 2, 2 }, { 3, 3 } };

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Runs))]
    public async Task Nothing_is_lost_repeated_without_cause_or_sent_beyond_a_limit(int seed, int replicas)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither SIGKILL nor SIGSTOP.");
        var output = TestContext.Current.TestOutputHelper!;
        var plan = new ChaosPlan(seed, TimeSpan.FromSeconds(Given("CHAOS_SECONDS") ?? Seconds), replicas);

        var result = await ChaosRun.ExecuteAsync(plan, await PostgresRun.OfTheTestAsync(), output.WriteLine);

        output.WriteLine(result.ToString());
        if (Environment.GetEnvironmentVariable("CHAOS_LOG") is { Length: > 0 } file)
        {
            await File.WriteAllLinesAsync(file, result.Log, Waiting.Cancellation);
        }

        Prose.AssertNone(result.Violations);
    }

    private static int? Given(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
