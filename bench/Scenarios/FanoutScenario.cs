using Bench.Load;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The cost of one event to ten endpoints, against one event to one endpoint: both services stay up and make as many deliveries in a round,
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
        using var oneFlow = new Flow(_findings, "one endpoint", oneService, oneReceiver, options.Connections);
        var one = new Fan(1, oneService, oneReceiver, oneFlow, _findings.Add("accepted, one endpoint"), _findings.Add("delivered, one endpoint"));

        await using var manyReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var manyService = await bed.MiddlewareAsync(null, [], cancellationToken);
        using var manyFlow = new Flow(_findings, "ten endpoints", manyService, manyReceiver, options.Connections, Many);
        var many = new Fan(
            Many, manyService, manyReceiver, manyFlow, _findings.Add("accepted, ten endpoints", one.Accepted), _findings.Add("delivered, ten endpoints", one.Delivered));

        Fan[] fans = [one, many];
        foreach (var fan in fans)
        {
            await OpenAsync(fan, cancellationToken);
            await fan.Flow.SendAsync(Pace.Saturate(RequestsOf(fan)), cancellationToken);
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            // There and back, so that none is always the first.
            foreach (var fan in round % 2 == 0 ? fans : fans.Reverse())
            {
                await MeasureAsync(fan, cancellationToken);
            }
        }

        foreach (var fan in fans)
        {
            await fan.Flow.CheckAsync(cancellationToken);
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
        var (load, perSecond, used) = await fan.Flow.MeasureAsync(Pace.Saturate(RequestsOf(fan)), cancellationToken);
        fan.Accepted.Add(new Sample { PerSecond = load.PerSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / load.Accepted });
        fan.Delivered.Add(new Sample
        {
            PerSecond = perSecond,
            CpuMicrosecondsPerEvent = used.TotalMicroseconds / (load.Accepted * fan.Endpoints),
        });
        fan.Delivered.PeakMegabytes = fan.Service.PeakMegabytes;
    }

    private sealed record Fan(int Endpoints, ServiceProcess Service, ReceiverProcess Receiver, Flow Flow, Series Accepted, Series Delivered);
}
