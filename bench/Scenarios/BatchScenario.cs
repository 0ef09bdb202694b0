using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The rate of delivering a backlog in batches of a hundred, against the same endpoint without batches. Both services stay up, each with a
/// receiver of its own whose gate lets one round through at a time.
/// </summary>
internal sealed class BatchScenario(TestBed bed, Options options)
{
    private const double BatchBar = 3;

    /// <summary>Rounds that are let through first and not measured.</summary>
    private const int WarmUps = 1;

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        var single = _findings.Add("one event a request");
        var batched = _findings.Add(Invariant($"{GatedBacklog.BatchSize} events a request"), single);
        await using var singleReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var singleService = await bed.MiddlewareAsync(null, [], cancellationToken);
        using var singles = new GatedBacklog(_findings, single.Name, singleService, singleReceiver, options);
        await singles.RegisterAsync(inBatches: false, cancellationToken);
        await using var batchReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var batchService = await bed.MiddlewareAsync(null, [], cancellationToken);
        using var batches = new GatedBacklog(_findings, batched.Name, batchService, batchReceiver, options);
        await batches.RegisterAsync(inBatches: true, cancellationToken);

        for (var round = 1 - WarmUps; round <= options.Rounds; round++)
        {
            await MeasureAsync(single, round, singles, singleService, cancellationToken);
            await MeasureAsync(batched, round, batches, batchService, cancellationToken);
        }

        await singles.CheckAsync(cancellationToken);
        await batches.CheckAsync(cancellationToken);
        var ratios = batched.Ratios(single);
        _findings.Notes.Add(Invariant(
            $"{GatedBacklog.RoundUp(options.Events)} events a round, {options.Workers} workers; ratio by round {ratios[0]:0.00} to {ratios[^1]:0.00}"));
        _findings.Bars.Add(new Bar("delivered in batches, of one by one", BatchBar, batched.Ratio(single)));
        return _findings;
    }

    private static async Task MeasureAsync(
        Series series, int round, GatedBacklog backlog, ServiceProcess service, CancellationToken cancellationToken)
    {
        var sample = await backlog.MeasureAsync(cancellationToken);
        series.PeakMegabytes = service.PeakMegabytes;
        if (round > 0)
        {
            series.Add(sample);
        }
    }
}
