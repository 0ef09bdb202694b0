namespace Bench.Scenarios;

/// <summary>
/// Native code against the runtime's just-in-time compiler: a new process of each a round, from its start through its first seconds under
/// load; then both stay up and are loaded in turn.
/// </summary>
internal sealed class NativeScenario(TestBed bed, Options options, Findings findings)
{
    private const double FirstAnswerBar = 0.25;
    private const double DeliveredBar = 2.5;
    private const double LatencyBar = 0.25;
    private const double SteadyBar = 0.97;
    private const double MemoryBar = 0.75;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var executable = await bed.PublishNativeAsync(cancellationToken);
        var jit = Add("JIT", bed.Service, baseline: null);
        var native = Add("native", executable, jit);

        // Round 0 is not measured: the files and this program's own code come into memory.
        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var form in Candidates.InTurn([jit, native], round))
            {
                await StartAsync(form, isMeasured: round > 0, cancellationToken);
            }
        }

        await using var candidates = new Candidates(bed, options, findings);
        var steadyJit = await candidates.BothAsync(jit.Executable, jit.Steady, cancellationToken);
        var steadyNative = await candidates.BothAsync(native.Executable, native.Steady, cancellationToken);
        await candidates.MeasureAsync([steadyJit, steadyNative], cancellationToken);
        Judge(jit, native);
    }

    private Form Add(string name, string executable, Form? baseline) => new(
        executable,
        findings.Add($"accepted at first, {name}", baseline?.Accepted),
        findings.Add($"delivered at first, {name}", baseline?.Delivered),
        findings.Add($"both, {name}", baseline?.Steady));

    private async Task StartAsync(Form form, bool isMeasured, CancellationToken cancellationToken)
    {
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        await using var service = bed.BeginMiddleware(form.Executable, receiver, []);
        var firstAnswer = await service.UntilAcceptedAsync(cancellationToken);
        using var flow = new Flow(findings, form.Accepted.Name, service, receiver, options.Connections, earlier: 1);
        var (load, delivered) = await flow.MeasureMeanwhileAsync(Pace.Saturate(TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        var peak = service.PeakMegabytes;
        await flow.CheckAsync(cancellationToken);
        if (isMeasured)
        {
            form.Accepted.Add(new Sample { PerSecond = load.PerSecond, FirstAnswerMs = firstAnswer.TotalMilliseconds, Latency = load.Latency });
            form.Accepted.PeakMegabytes = Math.Max(form.Accepted.PeakMegabytes ?? 0, peak);
            form.Delivered.Add(new Sample { PerSecond = delivered });
        }
    }

    private void Judge(Form jit, Form native)
    {
        foreach (var form in (Form[])[jit, native])
        {
            findings.Note(
                $"{form.Accepted.Name}: first 200 after {form.Accepted.Median(static sample => sample.FirstAnswerMs):0} ms, executable of {new FileInfo(form.Executable).Length / 1e6:0.0} MB");
        }

        findings.Note(
            $"{options.Rounds} rounds; at first: {options.Seconds} s from the first 200 on; both: {options.Events} events a round, ratio by round {Series.Range(native.Steady.Ratios(jit.Steady))}");
        findings.Bars.Add(new Bar("time to the first 200, of JIT's", FirstAnswerBar, native.Accepted.FirstAnswerRatio(jit.Accepted), AtMost: true));
        findings.Bars.Add(new Bar("delivered at first, of JIT's", DeliveredBar, native.Delivered.Ratio(jit.Delivered)));
        findings.Bars.Add(new Bar("p99 of accepting at first, of JIT's", LatencyBar, native.Accepted.LatencyRatio(jit.Accepted, 99), AtMost: true));
        findings.Bars.Add(new Bar("both, steady, of JIT's", SteadyBar, native.Steady.Ratio(jit.Steady)));
        findings.Bars.Add(new Bar("peak RSS, of JIT's", MemoryBar, native.Steady.PeakMegabytes!.Value / jit.Steady.PeakMegabytes!.Value, AtMost: true));
    }

    /// <summary>An executable of the service, and where its rounds are written down.</summary>
    private sealed record Form(string Executable, Series Accepted, Series Delivered, Series Steady);
}
