using Bench.Load;
using Bench.Net;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The cost of listeners: accepting while ten clients follow all events, against accepting while nobody does. The services stay up and are loaded in turn. A
/// third one, which nobody follows either, is the control. Listeners are there for their round alone: they would catch up in the next.
/// </summary>
internal sealed class StreamScenario(TestBed bed, Options options)
{
    private const int Listeners = 10;
    private const double Required = 0.95;
    private const double BytesOfEvent = 350;

    private static readonly int[][] Orders = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        // Its gate stays closed, as in the scenario of accepting.
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var quiet = await bed.MiddlewareAsync(receiver, [], cancellationToken);
        await using var followed = await bed.MiddlewareAsync(receiver, [], cancellationToken);
        await using var control = await bed.MiddlewareAsync(receiver, [], cancellationToken);
        var baseline = _findings.Add("nobody listens");
        using var first = new Subject(baseline, quiet, new LoadGenerator(quiet.Address, options.Connections));
        using var second = new Subject(_findings.Add("ten listen", baseline), followed, new LoadGenerator(followed.Address, options.Connections));
        using var third = new Subject(_findings.Add("control", baseline), control, new LoadGenerator(control.Address, options.Connections));
        Subject[] all = [first, second, third];
        foreach (var subject in all)
        {
            subject.Saturate(_findings, options.Warmup, cancellationToken);
        }

        var shown = 0L;
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var place in Orders[round % Orders.Length])
            {
                using var listeners = place == 1 ? await StreamListeners.OpenAsync(followed.Address, Listeners, cancellationToken) : null;
                all[place].Series.Add(all[place].Saturate(_findings, options.Seconds, cancellationToken));
                shown += listeners is null ? 0 : await listeners.CloseAsync();
            }
        }

        if (shown == 0)
        {
            _findings.Problems.Add("no listener was shown any event");
        }

        var controls = third.Series.Ratios(baseline);
        _findings.Notes.Add(Invariant(
            $"control {Series.Middle(controls):0.00} ({controls[0]:0.00} to {controls[^1]:0.00}); listeners were shown about {shown / BytesOfEvent / options.Rounds / options.Seconds:0} events a second together"));
        _findings.Bars.Add(new Bar("accepting while ten listen, of accepting while nobody does", Required, second.Series.Ratio(baseline)));
        return _findings;
    }
}
