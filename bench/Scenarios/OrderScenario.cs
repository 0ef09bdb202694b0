using System.Diagnostics;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The cost of failing keys for the others: an endpoint in order by key whose receiver refuses all events of one key in twenty, against one whose receiver
/// takes all. Of both the events of the other keys are counted.
/// </summary>
internal sealed class OrderScenario(TestBed bed, Options options, Findings findings)
{
    private const double Bar = 0.9;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var theirs = findings.Add("no key fails");
        var ours = findings.Add(options.SelfCheck ? "no key fails again" : "one key in twenty fails", theirs);
        var well = await OpenAsync(candidates, theirs, isRefusing: false, cancellationToken);
        var ill = await OpenAsync(candidates, ours, isRefusing: !options.SelfCheck, cancellationToken);
        await candidates.MeasureAsync([well, ill], cancellationToken);

        findings.Note(
            $"{KeyedBacklog.Keys} keys, {KeyedBacklog.RoundUp(options.Events)} events a round, {options.Workers} workers; ratio by round {Series.Range(ours.Ratios(theirs))}");
        findings.Bars.Add(new Bar("healthy keys, of those where none fails", Bar, ours.Ratio(theirs)));
    }

    private async Task<Candidate> OpenAsync(Candidates candidates, Series series, bool isRefusing, CancellationToken cancellationToken)
    {
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        var service = candidates.Own(await bed.MiddlewareAsync(null, [], cancellationToken));
        var backlog = candidates.Own(new KeyedBacklog(findings, series.Name, service, receiver, options));
        await backlog.PrepareAsync(isRefusing, cancellationToken);
        return new(series, [service], backlog.MeasureAsync, backlog.MeasureAsync, backlog.CheckAsync);
    }
}

/// <summary>A service with an endpoint in order by key, and backlogs for it with as many events of each key.</summary>
internal sealed class KeyedBacklog(Findings findings, string name, ServiceProcess service, ReceiverProcess receiver, Options options) : IDisposable
{
    public const int Keys = 10_000;
    private const int RefusedOf = 20;

    private readonly LoadGenerator _load = new(service.Address, options.Connections, EventRequests.ForKeys(service.Address, Keys));
    private readonly EndpointRegistry _registry = new(service);
    private string _endpoint = "";
    private bool _isRefusing;
    private long _expected;

    public static int RoundUp(int events) => (events + Keys - 1) / Keys * Keys;

    /// <summary>Opens the receiver, which takes everything but for the keys that it refuses.</summary>
    public async Task PrepareAsync(bool isRefusing, CancellationToken cancellationToken)
    {
        _isRefusing = isRefusing;
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        if (isRefusing)
        {
            await receiver.RefuseAsync(RefusedOf, cancellationToken);
        }
    }

    /// <summary>The rate of the keys that are never refused, from the moment at which the backlog is let through until all of theirs has come.</summary>
    public async Task<Sample> MeasureAsync(CancellationToken cancellationToken)
    {
        if (_endpoint is not "")
        {
            // What is refused goes on being tried. 30 s after the last event that was taken, its circuit would see nothing else.
            await _registry.DeleteAsync(_endpoint, cancellationToken);
        }

        _endpoint = await _registry.AddAsync(new NewEndpoint("ordered", receiver.Target) { Ordering = "key" }, cancellationToken);
        await _registry.SetEnabledAsync(_endpoint, false, cancellationToken);
        var sent = _load.Run(Pace.Saturate(RoundUp(options.Events)), cancellationToken);
        findings.Check(name, sent);
        var healthy = sent.Accepted - (sent.Accepted / RefusedOf);
        _expected += _isRefusing ? healthy : sent.Accepted;

        var (start, before) = (Stopwatch.GetTimestamp(), service.CpuTime);
        await _registry.SetEnabledAsync(_endpoint, true, cancellationToken);
        var stats = await receiver.UntilAsync(seen => seen.Unique >= _expected, cancellationToken);
        return stats.Unique >= _expected
            ? new Sample
            {
                PerSecond = healthy / Stopwatch.GetElapsedTime(start, stats.LastAt).TotalSeconds,
                CpuMicrosecondsPerEvent = (service.CpuTime - before).TotalMicroseconds / sent.Accepted,
            }
            : throw new BenchException(Invariant($"{name}: {_expected - stats.Unique} events were not delivered"));
    }

    /// <summary>Notes what was lost and what came twice.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken) => findings.Check(name, _expected, await receiver.StatsAsync(cancellationToken));

    public void Dispose()
    {
        _load.Dispose();
        _registry.Dispose();
    }
}
