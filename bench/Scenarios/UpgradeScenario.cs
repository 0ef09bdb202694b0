using Tests.Middleware.Storage.Postgres;
using Tests.Upgrades;

namespace Bench.Scenarios;

/// <summary>Upgrades from an older program to this build's under load, each round on a new store; the promises that were broken end it with 1.</summary>
internal static class UpgradeScenario
{
    private const string Program = "Middleware.Api";

    public static async Task<int> RunAsync(Options options, CancellationToken cancellationToken)
    {
        if (options.From.Length > 0 && !File.Exists(Path.Combine(options.From, Program)))
        {
            throw new BenchException($"--from \"{options.From}\" has no {Program}; expected the folder of a published service");
        }

        var plan = new UpgradePlan { From = options.From.Length > 0 ? Path.GetFullPath(options.From) : null, Senders = options.Connections, EventsBetween = options.Events };
        await using var servers = new PostgresRun();
        var broken = 0;
        for (var round = 1; round <= options.Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = options.Postgres ? await UpgradeRun.OnPostgresAsync(plan, servers) : await UpgradeRun.OnSqliteAsync(plan);
            Console.WriteLine($"round {round}: {result}");
            broken += result.Violations.Count;
        }

        return broken > 0 ? 1 : 0;
    }
}
