namespace Bench.Scenarios;

/// <summary>
/// The cost of listeners: accepting while ten clients follow all events, against accepting while nobody does. The services stay up and are loaded in turn. A
/// third one, which nobody follows either, is the control. Listeners are there for their round alone: they would catch up in the next.
/// </summary>
internal sealed class StreamScenario(TestBed bed, Options options, Findings findings)
{
    private const int Listeners = 10;
    private const double Required = 0.95;
    private const double BytesOfEvent = 350;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var baseline = findings.Add("nobody listens");
        var quiet = await candidates.AcceptAsync(bed.Service, baseline, cancellationToken);
        var followed = await candidates.AcceptAsync(bed.Service, findings.Add("ten listen", baseline), cancellationToken);
        var control = await candidates.AcceptAsync(bed.Service, findings.Add("control", baseline), cancellationToken);
        var shown = 0L;
        await candidates.MeasureAsync([quiet, followed with { MeasureAsync = MeasureFollowedAsync }, control], cancellationToken);
        if (shown == 0)
        {
            findings.Problems.Add("no listener was shown any event");
        }

        var controls = control.Series.Ratios(baseline);
        findings.Note(
            $"control {Series.Middle(controls):0.00} ({Series.Range(controls)}); listeners were shown about {shown / BytesOfEvent / options.Rounds / options.Seconds:0} events a second together");
        findings.Bars.Add(new Bar("accepting while ten listen, of accepting while nobody does", Required, followed.Series.Ratio(baseline)));

        async Task<Sample> MeasureFollowedAsync(CancellationToken token)
        {
            using var listeners = await StreamListeners.OpenAsync(followed.Processes[0].Address, Listeners, token);
            var sample = await followed.MeasureAsync(token);
            shown += await listeners.CloseAsync();
            return sample;
        }
    }
}
