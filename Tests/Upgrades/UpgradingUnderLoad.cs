using Tests.Middleware.Storage.Postgres;

namespace Tests.Upgrades;

/// <summary>Upgrades as an operator makes them: SIGTERM, the end of the old process, the start of the new one. Other versions are tried by <c>bench upgrade</c>.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class UpgradingUnderLoad
{
    private const int Limit = 300_000;

    [Theory(Timeout = Limit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_event_comes_once_when_processes_are_replaced_under_load(bool replicas)
    {
        var result = await RunAsync(replicas, new UpgradePlan { Upgrades = replicas ? 2 : 3 });

        Assert.Equal((0, 0), (result.Lost, result.Duplicated));
    }

    [Theory(Timeout = Limit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_attempts_that_outlast_the_time_for_the_stop_are_repeated(bool replicas)
    {
        var result = await RunAsync(replicas, new UpgradePlan { IsHeld = true, ShutdownTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.InRange(result.Duplicated, 1, result.Replacements.Count * UpgradeReceiver.Endpoints.Count * UpgradeReceiver.Workers);
    }

    [Fact(Timeout = Limit)]
    public async Task Behind_the_proxy_of_compose_nothing_is_lost_or_repeated_and_only_a_stop_breaks_connections()
    {
        var program = Haproxy.Find();
        Assert.SkipWhen(program is null, "haproxy is needed: .ci/haproxy fetches it.");

        var result = await RunAsync(replicas: true, new UpgradePlan { Haproxy = program });

        Assert.Equal((0, 0), (result.Lost, result.Duplicated));
    }

    /// <summary>Runs a plan, in which no promise may be broken.</summary>
    private static async Task<UpgradeResult> RunAsync(bool replicas, UpgradePlan plan)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        var result = replicas ? await UpgradeRun.OnPostgresAsync(plan, await PostgresRun.OfTheTestAsync()) : await UpgradeRun.OnSqliteAsync(plan);
        TestContext.Current.TestOutputHelper!.WriteLine(result.ToString());
        Assert.Empty(result.Violations);
        return result;
    }
}
