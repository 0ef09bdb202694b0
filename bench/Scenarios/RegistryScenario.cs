using System.Diagnostics;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The cost of many endpoints: the time of a commit with thousands registered against one, for an event to one endpoint and for 500 dead
/// letters at once; what the last registrations take against the first; and the memory of a service with 1,000 endpoints that all have a backlog.
/// </summary>
internal sealed class RegistryScenario(TestBed bed, Options options, Findings findings)
{
    private const double CommitBar = 1.5;
    private const double MemoryBar = 400;
    private const int Loaded = 1_000;
    private const int EventsEach = 300;
    private const int EventsARound = 300;
    private const int DeadLetters = 500;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var refusing = new RefusingPort();
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var fewService = await ServiceAsync(cancellationToken);
        await using var manyService = await ServiceAsync(cancellationToken);
        var few = await OpenAsync(fewService, "one endpoint", null, receiver, refusing, cancellationToken);
        var many = await OpenAsync(manyService, Invariant($"{options.Events} endpoints"), few, receiver, refusing, cancellationToken);
        await RegisterAsync(manyService, receiver, cancellationToken);

        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var one in Candidates.InTurn([few, many], round))
            {
                // The first round is the warm-up.
                await MeasureAsync(one, keep: round > 0, cancellationToken);
            }
        }

        many.Commits.PeakMegabytes = manyService.PeakMegabytes;
        few.Commits.PeakMegabytes = fewService.PeakMegabytes;
        findings.Notes.Add("events/s: commits a second of writing, each of one event to one endpoint; dead letters: such commits of 500 each");
        findings.Bars.Add(new Bar("time of a commit, of that with one endpoint", CommitBar, 1 / many.Commits.Ratio(few.Commits), AtMost: true));
        findings.Bars.Add(new Bar("time of 500 dead letters, of that with one endpoint", CommitBar, 1 / many.DeadLetters.Ratio(few.DeadLetters), AtMost: true));
        await MeasureMemoryAsync(receiver, cancellationToken);
    }

    private Task<ServiceProcess> ServiceAsync(CancellationToken cancellationToken) => bed.MiddlewareAsync(
        null, new() { ["MAX_ENDPOINTS"] = "100000", ["MAX_RETRIES"] = "0", ["Logging__LogLevel__Default"] = "None" }, cancellationToken);

    private async Task<Measured> OpenAsync(
        ServiceProcess service, string name, Measured? baseline, ReceiverProcess receiver, RefusingPort refusing, CancellationToken cancellationToken)
    {
        using var registry = new EndpointRegistry(service);
        await registry.AddAsync(new NewEndpoint("held", receiver.Target, new NewFilter(["held"])), cancellationToken);
        var failing = await registry.AddAsync(
            new NewEndpoint("failing", refusing.Target, new NewFilter(["failing"]), new BatchSettings(DeadLetters, "10s")), cancellationToken);
        return new Measured(
            new EventSender(service), service, failing, findings.Add($"commit, {name}", baseline?.Commits), findings.Add($"dead letters, {name}", baseline?.DeadLetters));
    }

    private async Task RegisterAsync(ServiceProcess service, ReceiverProcess receiver, CancellationToken cancellationToken)
    {
        using var registry = new EndpointRegistry(service);
        var took = new List<TimeSpan>();
        for (var number = 0; number < options.Events; number++)
        {
            var start = Stopwatch.GetTimestamp();
            await registry.AddAsync(new NewEndpoint($"{number}", receiver.Target, new NewFilter([$"other-{number}"])), cancellationToken);
            took.Add(Stopwatch.GetElapsedTime(start));
        }

        var sample = Math.Max(1, options.Events / 20);
        findings.Note(
            $"a registration took {took.Take(sample).Average(Milliseconds):0.00} ms at the first {sample}, {took.TakeLast(sample).Average(Milliseconds):0.00} ms at the last");
    }

    private static double Milliseconds(TimeSpan time) => time.TotalMilliseconds;

    private static async Task MeasureAsync(Measured one, bool keep, CancellationToken cancellationToken)
    {
        var before = await CommitTimes.ReadAsync(one.Events.Client, cancellationToken);
        for (var number = 0; number < EventsARound; number++)
        {
            await one.Events.SendAsync("held", cancellationToken);
        }

        var between = await CommitTimes.ReadAsync(one.Events.Client, cancellationToken);
        await one.Events.SendBatchAsync("failing", DeadLetters, cancellationToken);
        using var registry = new EndpointRegistry(one.Service);
        await registry.UntilEmptyAsync(one.Failing, cancellationToken);

        var (events, deadLetters) = (between - before, await CommitTimes.ReadAsync(one.Events.Client, cancellationToken) - between);
        if (keep)
        {
            one.Commits.Add(new Sample { PerSecond = events.Commits / events.Seconds });
            one.DeadLetters.Add(new Sample { PerSecond = 1 / deadLetters.Seconds });
        }
    }

    private async Task MeasureMemoryAsync(ReceiverProcess receiver, CancellationToken cancellationToken)
    {
        await using var service = await ServiceAsync(cancellationToken);
        using (var registry = new EndpointRegistry(service))
        {
            await registry.AddAllAsync(receiver, Loaded, cancellationToken);
        }

        var registered = service.PeakMegabytes;
        using var events = new EventSender(service);
        await events.SendAllAsync("made", EventsEach, ofRequest: 100, cancellationToken);
        findings.Note($"{Loaded} endpoints: peak RSS {registered:0} MB when they were registered, {service.PeakMegabytes:0} MB with {EventsEach} deliveries waiting for each");
        findings.Bars.Add(new Bar("peak RSS in MB with a backlog for 1,000 endpoints each", MemoryBar, service.PeakMegabytes, AtMost: true));
    }

    private sealed record Measured(EventSender Events, ServiceProcess Service, string Failing, Series Commits, Series DeadLetters);
}
