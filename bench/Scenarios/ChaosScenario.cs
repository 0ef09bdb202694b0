using Tests.Chaos;
using Tests.Middleware.Storage.Postgres;

namespace Bench.Scenarios;

/// <summary>Several replicas on a PostgreSQL server, under load and faults by a seed; the promises that were broken end it with 1.</summary>
internal static class ChaosScenario
{
    public static async Task<int> RunAsync(Options options, Repository repository)
    {
        var plan = new ChaosPlan(options.Seed, TimeSpan.FromMinutes(options.Minutes), options.Replicas);
        await using var servers = new PostgresRun();
        var result = await ChaosRun.ExecuteAsync(plan, servers, Console.WriteLine);
        Console.WriteLine(result);
        await File.WriteAllLinesAsync(repository.Log($"chaos-{plan.Seed}"), result.Log);
        return result.Violations.Count > 0 ? 1 : 0;
    }
}
