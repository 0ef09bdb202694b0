namespace Bench.Scenarios;

/// <summary>
/// The rate of delivering a backlog once the receiver answers, against as many loops on a raw HttpClient. Both stay up, each with a
/// receiver of its own whose gate lets one round through at a time.
/// </summary>
internal sealed class DeliverScenario(TestBed bed, Options options, Findings findings)
{
    private const double DeliverBar = 0.5;

    /// <summary>The events of the round that warms up and of those that are measured.</summary>
    private long AllEvents => (long)options.Events * (options.Rounds + 1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var theirs = findings.Add("raw HttpClient");
        var ours = findings.Add(options.SelfCheck ? "raw HttpClient again" : options.Sqlite ? "deliver, SQLite" : "deliver, memory", theirs);
        var raw = await RawAsync(candidates, theirs, cancellationToken);
        var service = options.SelfCheck ? await RawAsync(candidates, ours, cancellationToken) : await ServiceAsync(candidates, ours, cancellationToken);
        await candidates.MeasureAsync([raw, service], cancellationToken);

        findings.Note($"{options.Events} events a round, {options.Workers} workers; ratio by round {Series.Range(ours.Ratios(theirs))}");
        findings.Bars.Add(new Bar("deliver, of raw HttpClient", DeliverBar, ours.Ratio(theirs)));
    }

    private async Task<Candidate> RawAsync(Candidates candidates, Series series, CancellationToken cancellationToken)
    {
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        return Drained(series, candidates.Own(bed.Raw(receiver, AllEvents)), receiver, static _ => { });
    }

    private async Task<Candidate> ServiceAsync(Candidates candidates, Series series, CancellationToken cancellationToken)
    {
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        var service = candidates.Own(await bed.MiddlewareAsync(receiver, [], cancellationToken));
        var load = candidates.Own(new LoadGenerator(service.Address, options.Connections));
        return Drained(series, service, receiver, token => findings.Check(series.Name, load.Run(Pace.Saturate(options.Events), token)));
    }

    private Candidate Drained(Series series, ServiceProcess process, ReceiverProcess receiver, Action<CancellationToken> fill)
    {
        return new(series, [process], MeasureAsync, MeasureAsync, token => Drain.CheckAsync(findings, series.Name, receiver, AllEvents, token));

        Task<Sample> MeasureAsync(CancellationToken token)
        {
            fill(token);

            // Every worker stands at the gate before it opens.
            return Drain.MeasureAsync(series.Name, process, receiver, options.Events, Math.Min(options.Workers, options.Events), token);
        }
    }
}
