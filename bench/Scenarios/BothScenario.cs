namespace Bench.Scenarios;

/// <summary>
/// Accepting and delivering at once: from the first accept to the last delivery, then the latency of accepting at half that rate. The store
/// <c>memory</c> is compared with a durable one on the same machine, in turn.
/// </summary>
internal sealed class BothScenario(TestBed bed, Options options, Findings findings)
{
    private const double MemoryBar = 1.2;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var durable = await StartAsync(candidates, "SQLite", connection: "", baseline: null, cancellationToken);
        var memory = options.Sqlite ? null : await StartAsync(candidates, "memory", connection: "memory", durable.Series, cancellationToken);
        findings.Note(
            $"{options.Events} events a round, {options.Workers} workers, both rates from the first request sent; latency is of accepting while delivering; CPU is for both");
        await candidates.MeasureAsync(memory is null ? [durable] : [durable, memory], cancellationToken);
        if (memory is not null)
        {
            findings.Note($"ratio by round {Series.Range(memory.Series.Ratios(durable.Series))}");
            findings.Bars.Add(new Bar("both in memory, of both on SQLite", MemoryBar, memory.Series.Ratio(durable.Series)));
        }
    }

    /// <summary>A service with a store, of which the deliveries are compared.</summary>
    private async Task<Candidate> StartAsync(Candidates candidates, string store, string connection, Series? baseline, CancellationToken cancellationToken)
    {
        var (flow, service) = await candidates.FlowAsync(bed.Service, $"both, {store}", new() { ["ConnectionStrings__events"] = connection }, cancellationToken);
        var (accepted, delivered) = (findings.Add($"accepted, {store}"), findings.Add($"delivered, {store}", baseline));
        return new(delivered, [service], token => flow.SendAsync(Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), token), MeasureAsync, CheckAsync);

        async Task<Sample> MeasureAsync(CancellationToken token)
        {
            var (saturated, perSecond, used) = await flow.MeasureAsync(Pace.Saturate(options.Events), token);
            var rate = options.Rate > 0 ? options.Rate : perSecond / 2;
            var open = await flow.SendAsync(Pace.Fixed(rate, TimeSpan.FromSeconds(options.Seconds)), token);
            accepted.Add(new Sample { PerSecond = saturated.PerSecond, OpenRate = rate, Latency = open.Latency });
            return new Sample { PerSecond = perSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / saturated.Accepted };
        }

        async Task CheckAsync(CancellationToken token)
        {
            var stats = await flow.CheckAsync(token);
            findings.Note($"{delivered.Name}: of {flow.Expected} events accepted {flow.Expected - stats.Unique} were lost and {stats.Duplicates} duplicated");
        }
    }
}
