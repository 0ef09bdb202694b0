using System.Diagnostics;
using Bench.Load;
using Bench.Net;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// What one event to ten endpoints costs, against one event to one endpoint: both services stay up and make as many deliveries in a round,
/// one after the other. Each of the ten must have each event exactly once.
/// </summary>
internal sealed class FanoutScenario(TestBed bed, Options options)
{
    private const int Many = 10;
    private const double DeliveredBar = 1;

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        await using var oneReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var oneService = await bed.MiddlewareAsync(null, [], cancellationToken);
        using var oneLoad = new LoadGenerator(oneService.Address, options.Connections);
        var one = new Fan(1, oneService, oneReceiver, oneLoad, _findings.Add("accepted, one endpoint"), _findings.Add("delivered, one endpoint"));

        await using var manyReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var manyService = await bed.MiddlewareAsync(null, [], cancellationToken);
        using var manyLoad = new LoadGenerator(manyService.Address, options.Connections);
        var many = new Fan(
            Many, manyService, manyReceiver, manyLoad, _findings.Add("accepted, ten endpoints", one.Accepted), _findings.Add("delivered, ten endpoints", one.Delivered));

        Fan[] fans = [one, many];
        foreach (var fan in fans)
        {
            await OpenAsync(fan, cancellationToken);
            await SendAsync(fan, Pace.Saturate(RequestsOf(fan)), cancellationToken);
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            // There and back, so that none is always the first.
            foreach (var fan in round % 2 == 0 ? fans : fans.Reverse())
            {
                await MeasureAsync(fan, cancellationToken);
            }
        }

        // A duplicate would come last.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        foreach (var fan in fans)
        {
            _findings.Check(fan.Delivered.Name, fan.Expected, await fan.Receiver.StatsAsync(cancellationToken));
        }

        var ratios = many.Delivered.Ratios(one.Delivered);
        _findings.Notes.Add(Invariant($"{options.Events * Many} deliveries a round, {options.Workers} workers for each endpoint; rates from the first request sent; CPU is for accepting and delivering"));
        _findings.Notes.Add(Invariant($"deliveries/s of ten endpoints to those of one, by round {ratios[0]:0.00} to {ratios[^1]:0.00}"));
        _findings.Bars.Add(new Bar("deliveries/s to ten endpoints, of those to one", DeliveredBar, many.Delivered.Ratio(one.Delivered)));
        return _findings;
    }

    /// <summary>As many deliveries for both.</summary>
    private long RequestsOf(Fan fan) => (long)options.Events * Many / fan.Endpoints;

    private static async Task OpenAsync(Fan fan, CancellationToken cancellationToken)
    {
        using var registry = new EndpointRegistry(fan.Service);
        for (var number = 0; number < fan.Endpoints; number++)
        {
            await registry.AddAsync(new NewEndpoint(Invariant($"endpoint {number}"), fan.Receiver.TargetOf(number)), cancellationToken);
        }

        await fan.Receiver.OpenAsync(long.MaxValue, cancellationToken);
    }

    private async Task MeasureAsync(Fan fan, CancellationToken cancellationToken)
    {
        var before = fan.Service.CpuTime;
        var (load, last) = await SendAsync(fan, Pace.Saturate(RequestsOf(fan)), cancellationToken);
        var (used, deliveries) = (fan.Service.CpuTime - before, load.Accepted * fan.Endpoints);
        fan.Accepted.Add(new Sample { PerSecond = load.PerSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / load.Accepted });
        fan.Delivered.Add(new Sample
        {
            PerSecond = deliveries / Stopwatch.GetElapsedTime(load.Start, last).TotalSeconds,
            CpuMicrosecondsPerEvent = used.TotalMicroseconds / deliveries,
        });
        fan.Delivered.PeakMegabytes = fan.Service.PeakMegabytes;
    }

    /// <summary>Sends, and waits until each endpoint has had all of it.</summary>
    private async Task<(LoadResult Load, long LastAt)> SendAsync(Fan fan, Pace pace, CancellationToken cancellationToken)
    {
        var result = fan.Load.Run(pace, cancellationToken);
        _findings.Check(fan.Accepted.Name, result);
        fan.Expected += result.Accepted * fan.Endpoints;
        var stats = await fan.Receiver.UntilAsync(seen => seen.Unique >= fan.Expected, cancellationToken);
        return stats.Unique >= fan.Expected
            ? (result, stats.LastAt)
            : throw new BenchException($"{fan.Delivered.Name}: {fan.Expected - stats.Unique} of {fan.Expected} deliveries were not made");
    }

    private sealed record Fan(int Endpoints, ServiceProcess Service, ReceiverProcess Receiver, LoadGenerator Load, Series Accepted, Series Delivered)
    {
        /// <summary>Deliveries that were to be made so far.</summary>
        public long Expected { get; set; }
    }
}
