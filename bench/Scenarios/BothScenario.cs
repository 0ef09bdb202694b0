using Bench.Load;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>Accepting and delivering at once: from the first accept to the last delivery, then the latency of accepting at half that rate.</summary>
internal sealed class BothScenario(TestBed bed, Options options)
{
    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        var store = options.Sqlite ? "SQLite" : "memory";
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var service = await bed.MiddlewareAsync(receiver, [], cancellationToken);
        using var flow = new Flow(_findings, $"both, {store}", service, receiver, options.Connections);
        var accepted = _findings.Add($"accepted, {store}");
        var delivered = _findings.Add($"delivered, {store}");

        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        await flow.SendAsync(Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), cancellationToken);
        for (var round = 0; round < options.Rounds; round++)
        {
            var (saturated, perSecond, used) = await flow.MeasureAsync(Pace.Saturate(options.Events), cancellationToken);
            var rate = options.Rate > 0 ? options.Rate : perSecond / 2;
            var open = await flow.SendAsync(Pace.Fixed(rate, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
            accepted.Add(new Sample { PerSecond = saturated.PerSecond, OpenRate = rate, Latency = open.Latency });
            delivered.Add(new Sample { PerSecond = perSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / saturated.Accepted });
            delivered.PeakMegabytes = service.PeakMegabytes;
        }

        var stats = await flow.CheckAsync(cancellationToken);
        _findings.Notes.Add(Invariant(
            $"{options.Events} events a round, {options.Workers} workers, both rates from the first request sent; latency is of accepting while delivering; CPU is for both"));
        _findings.Notes.Add(Invariant($"of {flow.Expected} events accepted {flow.Expected - stats.Unique} were lost and {stats.Duplicates} duplicated"));
        return _findings;
    }
}
