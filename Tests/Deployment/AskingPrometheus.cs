using System.Text.RegularExpressions;
using Tests.Middleware.Crash;
using Tests.Words;

namespace Tests.Deployment;

/// <summary>The queries of the dashboard, which a Prometheus with data in it answers as Grafana would have it.</summary>
[Trait("Speed", "Slow")]
public sealed partial class AskingPrometheus
{
    // The faults are shown, not only that the time is over.
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(CrashStage.TestLimit / 2);

    private readonly long _start = TimeProvider.System.GetTimestamp();

    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    public async Task Every_query_of_the_dashboard_has_a_value()
    {
        using var data = new TemporaryDirectory();
        await using var receiver = await CountingReceiver.StartAsync();
        using var service = await CrashStage.StartAsync(data.Path, receiver.Address);
        using var load = new EventLoad(service.Address);
        using var prometheus = new RunningPrometheus(Tool.Find("prometheus"), service.Address);
        var queries = Observability.DashboardExpressions.Select(Filled).ToList();

        // Rates need counters that move: events that are delivered, that fail, and that are refused. No circuit counts a 400: an open one ends the attempts.
        var lacks = new List<string>();
        do
        {
            receiver.Status = receiver.Status == 200 ? 400 : 200;
            await load.SendAsync(2);
            await load.PostAsync("{}");
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Waiting.Cancellation);
            lacks.Clear();
            foreach (var query in queries)
            {
                if (await prometheus.LackOfAsync(query) is { } lack)
                {
                    lacks.Add($"{query}: {lack}");
                }
            }

            Waiting.Cancellation.ThrowIfCancellationRequested();
        }
        while (lacks.Count > 0 && service.Errors.Count == 0 && !IsLate());

        Prose.AssertNone(lacks);
        Assert.Equal("no value", await prometheus.LackOfAsync("integration_queue_depths"));
        Assert.NotNull(await prometheus.LackOfAsync("sum by (endpoint (integration_queue_depth)"));
        Assert.Equal(0, await service.StopAsync());
    }

    private bool IsLate() => TimeProvider.System.GetElapsedTime(_start) > Bound;

    /// <summary>The query with the variables that Grafana fills in: all instances and endpoints, a range of several scrapes.</summary>
    private static string Filled(string query) =>
        Variable().Replace(query, static variable => variable.Value.Trim('$', '{', '}').StartsWith("__", StringComparison.Ordinal) ? "10s" : ".*");

    [GeneratedRegex(@"\$\{?\w+\}?")]
    private static partial Regex Variable();
}
