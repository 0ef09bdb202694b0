using Bench.Load;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// How fast a backlog is delivered in batches of a hundred, against the same endpoint without batches. Both services stay up, each with a
/// receiver of its own whose gate lets one round through at a time.
/// </summary>
internal sealed class BatchScenario(TestBed bed, Options options)
{
    private const double BatchBar = 3;
    private const int BatchSize = 100;

    /// <summary>Rounds that are let through first and not measured.</summary>
    private const int WarmUps = 1;

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        var single = _findings.Add("one event a request");
        var batched = _findings.Add(Invariant($"{BatchSize} events a request"), single);
        await using var singleReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var singleService = await bed.MiddlewareAsync(null, [], cancellationToken);
        await RegisterAsync(singleService, singleReceiver, null, cancellationToken);
        using var singleLoad = new LoadGenerator(singleService.Address, options.Connections);
        await using var batchReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var batchService = await bed.MiddlewareAsync(null, [], cancellationToken);
        await RegisterAsync(batchService, batchReceiver, new BatchSettings(BatchSize, "1s"), cancellationToken);
        using var batchLoad = new LoadGenerator(batchService.Address, options.Connections);

        var events = RoundUp(options.Events);
        for (var round = 1 - WarmUps; round <= options.Rounds; round++)
        {
            await MeasureAsync(single, round, events, singleService, singleReceiver, singleLoad, cancellationToken);
            await MeasureAsync(batched, round, events, batchService, batchReceiver, batchLoad, cancellationToken);
        }

        await Drain.CheckAsync(_findings, single.Name, singleReceiver, (long)events * (options.Rounds + WarmUps), cancellationToken);
        await Drain.CheckAsync(_findings, batched.Name, batchReceiver, (long)events * (options.Rounds + WarmUps), cancellationToken);
        var ratios = batched.Ratios(single);
        _findings.Notes.Add(Invariant($"{events} events a round, {options.Workers} workers; ratio by round {ratios[0]:0.00} to {ratios[^1]:0.00}"));
        _findings.Bars.Add(new Bar("delivered in batches, of one by one", BatchBar, batched.Ratio(single)));
        return _findings;
    }

    private static async Task RegisterAsync(ServiceProcess service, ReceiverProcess receiver, BatchSettings? batch, CancellationToken cancellationToken)
    {
        using var registry = new EndpointRegistry(service);
        await registry.AddAsync(new NewEndpoint("all", receiver.Target) { Batch = batch }, cancellationToken);
    }

    private async Task MeasureAsync(
        Series series, int round, int events, ServiceProcess service, ReceiverProcess receiver, LoadGenerator load, CancellationToken cancellationToken)
    {
        _findings.Check(series.Name, load.Run(Pace.Saturate(events), cancellationToken));
        var sample = await Drain.MeasureAsync(series.Name, service, receiver, events, Math.Min(options.Workers, events / BatchSize), cancellationToken);
        series.PeakMegabytes = service.PeakMegabytes;
        if (round > 0)
        {
            series.Add(sample);
        }
    }

    /// <summary>Full batches only: the last of a round would wait for its patience to end, and that is not what is measured.</summary>
    private static int RoundUp(int events) => (events + BatchSize - 1) / BatchSize * BatchSize;
}
