namespace Bench.Scenarios;

/// <summary>
/// The cost of bad endpoints for the others: a service whose ten endpoints are all well, and one where the last hangs, then one where the last
/// three hang, refuse and are slow. Both get the same load in turn, and the endpoints that are well in both are compared.
/// </summary>
internal sealed class IsolationScenario(TestBed bed, Options options, Findings findings)
{
    private const double ThroughputBar = 0.9;
    private const double LatencyBar = 2;
    private const double AcceptBar = 0.9;
    private const double MemoryBar = 1.25;
    private const int Percentile = 99;

    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(1);

    // As it is by default: the other benchmarks wait for a gate.
    internal static readonly Dictionary<string, string> Settings = new() { ["HTTP_TIMEOUT"] = "3s" };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The gate of the one stays closed, and that of the other is open and late.
        await using var hanging = await bed.ReceiverAsync(cancellationToken);
        await using var slow = await bed.ReceiverAsync(cancellationToken);
        await slow.OpenAsync(long.MaxValue, SlowAnswer, cancellationToken);
        using var refusing = new RefusingPort();
        var hangs = new OtherTarget("hangs", hanging.Target, hanging, Answers: false);
        OtherTarget[] three =
        [
            hangs,
            new("refuses", refusing.Target, null, Answers: false),
            new("is slow", slow.Target, slow, Answers: false),
        ];

        await CompareAsync("nine", "one hangs", [hangs], cancellationToken);
        await CompareAsync("seven", "three bad", three, cancellationToken);
        findings.Note($"{options.Events} events a round, a tenth for each endpoint, {options.Workers} workers for each; rates from the first request sent; CPU is for accepting and delivering");
        findings.Notes.Add("latencies of nine and seven: from the moment at which the request should have been sent until the receiver has the event");
    }

    private async Task CompareAsync(string measured, string what, OtherTarget[] bad, CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var well = await candidates.TenAsync(bed.Service, "ten well", await WellAsync(candidates, bad.Length, cancellationToken), cancellationToken);
        var others = options.SelfCheck ? await WellAsync(candidates, bad.Length, cancellationToken) : bad;
        var ill = await candidates.TenAsync(bed.Service, what, others, cancellationToken);

        var first = new Pair(well, findings.Add($"accepted, ten well ({what})"), findings.Add($"{measured}, ten well"), findings.Add($"{measured} drained, ten well"));
        var second = new Pair(
            ill,
            findings.Add($"accepted, {what}", first.Accepted),
            findings.Add($"{measured}, {what}", first.Delivered),
            findings.Add($"{measured} drained, {what}", first.Drained));
        await RunAsync([first, second], cancellationToken);
        await well.CheckAsync(cancellationToken);
        await ill.CheckAsync(cancellationToken);
        Judge($"{measured}, {what}", first, second);
    }

    private async Task RunAsync(Pair[] pairs, CancellationToken cancellationToken)
    {
        foreach (var pair in pairs)
        {
            await pair.Endpoints.PrepareAsync(cancellationToken);
            await pair.Endpoints.SendAsync(Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), cancellationToken);
            await pair.Endpoints.DrainAsync(Pace.Saturate(options.Events / 2), cancellationToken);
        }

        // The same rate for both, and in all rounds: half of what all endpoints got when all of them were well.
        var (load, delivered) = await pairs[0].Endpoints.SendAsync(Pace.Saturate(options.Events), cancellationToken);
        var rate = options.Rate > 0 ? options.Rate : Math.Min(load.PerSecond, delivered) / 2;
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var pair in Candidates.InTurn(pairs, round))
            {
                await MeasureAsync(pair, rate, cancellationToken);
            }
        }
    }

    private async Task MeasureAsync(Pair pair, double rate, CancellationToken cancellationToken)
    {
        var (ten, service) = (pair.Endpoints, pair.Endpoints.Service);
        var before = service.CpuTime;
        var (saturated, perSecond) = await ten.SendAsync(Pace.Saturate(options.Events), cancellationToken);
        var used = service.CpuTime - before;

        pair.Drained.Add(new Sample { PerSecond = await ten.DrainAsync(Pace.Saturate(options.Events), cancellationToken) });

        _ = await ten.LatenciesAsync(cancellationToken);
        var (open, _) = await ten.SendAsync(Pace.Fixed(rate, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        pair.Accepted.Add(new Sample
        {
            PerSecond = saturated.PerSecond,
            CpuMicrosecondsPerEvent = used.TotalMicroseconds / saturated.Accepted,
            OpenRate = rate,
            Latency = open.Latency,
        });
        pair.Delivered.Add(new Sample { PerSecond = perSecond, OpenRate = rate, Latency = await ten.LatenciesAsync(cancellationToken) });
        pair.Accepted.PeakMegabytes = service.PeakMegabytes;
    }

    private void Judge(string what, Pair well, Pair ill)
    {
        var latencies = ill.Delivered.LatencyRatios(well.Delivered, Percentile);
        findings.Note(
            $"{what}: ratios by round of throughput {Series.Range(ill.Delivered.Ratios(well.Delivered))}, drained {Series.Range(ill.Drained.Ratios(well.Drained))}, p{Percentile} {Series.Range(latencies)}");
        findings.Bars.Add(new Bar($"{what}: events/s, of ten well", ThroughputBar, ill.Delivered.Ratio(well.Delivered)));
        findings.Bars.Add(new Bar($"{what}: events/s of a backlog, of ten well", ThroughputBar, ill.Drained.Ratio(well.Drained)));
        findings.Bars.Add(new Bar($"{what}: p{Percentile}, of ten well", LatencyBar, ill.Delivered.LatencyRatio(well.Delivered, Percentile), AtMost: true));
        findings.Bars.Add(new Bar($"{what}: accepted events/s, of ten well", AcceptBar, ill.Accepted.Ratio(well.Accepted)));
        findings.Bars.Add(new Bar($"{what}: peak RSS, of ten well", MemoryBar, ill.Accepted.PeakMegabytes!.Value / well.Accepted.PeakMegabytes!.Value, AtMost: true));
    }

    private async Task<OtherTarget[]> WellAsync(Candidates candidates, int count, CancellationToken cancellationToken)
    {
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        return [.. Enumerable.Range(0, count).Select(number => new OtherTarget("answers", receiver.TargetOf(number), receiver, Answers: true))];
    }

    private sealed record Pair(TenEndpoints Endpoints, Series Accepted, Series Delivered, Series Drained);
}
