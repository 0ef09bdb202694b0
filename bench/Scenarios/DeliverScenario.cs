using Bench.Load;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The rate of delivering a backlog once the receiver answers, against as many loops on a raw HttpClient. Both stay up, each with a
/// receiver of its own whose gate lets one round through at a time.
/// </summary>
internal sealed class DeliverScenario(TestBed bed, Options options)
{
    private const double DeliverBar = 0.5;

    /// <summary>Rounds that are let through first and not measured.</summary>
    private const int WarmUps = 1;

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        await using var rawReceiver = await bed.ReceiverAsync(cancellationToken);
        await using var raw = bed.Raw(rawReceiver, (long)options.Events * (options.Rounds + WarmUps));
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var service = options.SelfCheck
            ? bed.Raw(receiver, (long)options.Events * (options.Rounds + WarmUps))
            : await bed.MiddlewareAsync(receiver, [], cancellationToken);
        using var load = options.SelfCheck ? null : new LoadGenerator(service.Address, options.Connections);

        var theirs = _findings.Add("raw HttpClient");
        var ours = _findings.Add(options.SelfCheck ? "raw HttpClient again" : options.Sqlite ? "deliver, SQLite" : "deliver, memory", theirs);
        for (var round = 1 - WarmUps; round <= options.Rounds; round++)
        {
            await MeasureAsync(theirs, round, rawReceiver, raw, cancellationToken);
            if (load is not null)
            {
                _findings.Check(ours.Name, load.Run(Pace.Saturate(options.Events), cancellationToken));
            }

            await MeasureAsync(ours, round, receiver, service, cancellationToken);
        }

        var all = (long)options.Events * (options.Rounds + WarmUps);
        await Drain.CheckAsync(_findings, theirs.Name, rawReceiver, all, cancellationToken);
        await Drain.CheckAsync(_findings, ours.Name, receiver, all, cancellationToken);
        var ratios = ours.Ratios(theirs);
        _findings.Notes.Add(Invariant(
            $"{options.Events} events a round, {options.Workers} workers; ratio by round {ratios[0]:0.00} to {ratios[^1]:0.00}"));
        _findings.Bars.Add(new Bar("deliver, of raw HttpClient", DeliverBar, ours.Ratio(theirs)));
        return _findings;
    }

    private async Task MeasureAsync(Series series, int round, ReceiverProcess receiver, ServiceProcess process, CancellationToken cancellationToken)
    {
        // Every worker stands at the gate before it opens.
        var sample = await Drain.MeasureAsync(series.Name, process, receiver, options.Events, Math.Min(options.Workers, options.Events), cancellationToken);
        series.PeakMegabytes = process.PeakMegabytes;
        if (round > 0)
        {
            series.Add(sample);
        }
    }
}
