using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The rate of delivering a backlog in batches of a hundred, against the same endpoint without batches. Both services stay up, each with a
/// receiver of its own whose gate lets one round through at a time.
/// </summary>
internal sealed class BatchScenario(TestBed bed, Options options, Findings findings)
{
    private const double BatchBar = 3;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var single = findings.Add("one event a request");
        var batched = findings.Add(Invariant($"{GatedBacklog.BatchSize} events a request"), single);
        var singles = await candidates.BacklogAsync(bed.Service, single, options.Events, inBatches: false, cancellationToken);
        var batches = await candidates.BacklogAsync(bed.Service, batched, options.Events, inBatches: true, cancellationToken);
        await candidates.MeasureAsync([singles, batches], cancellationToken);

        findings.Note($"{GatedBacklog.RoundUp(options.Events)} events a round, {options.Workers} workers; ratio by round {Series.Range(batched.Ratios(single))}");
        findings.Bars.Add(new Bar("delivered in batches, of one by one", BatchBar, batched.Ratio(single)));
    }
}
