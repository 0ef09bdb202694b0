using System.Diagnostics;
using HdrHistogram;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>Where the events go of an endpoint that is not measured.</summary>
/// <param name="Behaviour">What it does, as a verb.</param>
/// <param name="Url">Its address.</param>
/// <param name="Receiver">Who counts what comes; null where nobody listens.</param>
/// <param name="Answers">True when all that is sent to it must come.</param>
internal sealed record OtherTarget(string Behaviour, Uri Url, ReceiverProcess? Receiver, bool Answers);

/// <summary>
/// A service with ten registered endpoints, each of which takes one event type, and the load for them, a tenth for each. The first are
/// those that are measured: they share a receiver. The last ones are the others, well or not.
/// </summary>
internal sealed class TenEndpoints(
    Findings findings, string name, ServiceProcess service, ReceiverProcess receiver, OtherTarget[] others, int connections, string folder) : IDisposable
{
    private const int Count = 10;
    private static readonly string[] EventTypes = EventRequests.Types(Count);

    private readonly LoadGenerator _load = new(service.Address, connections, EventRequests.For(service.Address, EventTypes));
    private readonly EndpointRegistry _registry = new(service);
    private readonly string[] _ids = new string[Count];
    private readonly long[] _accepted = new long[Count];

    public ServiceProcess Service => service;

    private int Measured => Count - others.Length;

    /// <summary>Registers the endpoints and lets the measured ones' events through.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < Count; number++)
        {
            var url = number < Measured ? receiver.TargetOf(number) : others[number - Measured].Url;
            _ids[number] = await _registry.AddAsync(new NewEndpoint(EventTypes[number], url, new NewFilter([EventTypes[number]])), cancellationToken);
        }

        await receiver.OpenAsync(long.MaxValue, cancellationToken);
    }

    /// <summary>
    /// Sends, and waits until every endpoint that answers has had its share: the rate of accepting, and that of the measured endpoints
    /// from the first request sent until the last of them had all.
    /// </summary>
    public async Task<(LoadResult Load, double DeliveredPerSecond)> SendAsync(Pace pace, CancellationToken cancellationToken)
    {
        var (load, measured) = Send(pace, cancellationToken);
        return (load, measured / Stopwatch.GetElapsedTime(load.Start, await UntilHadAsync(cancellationToken)).TotalSeconds);
    }

    /// <summary>
    /// Sends while every endpoint that answers is disabled, then enables them: the rate of the measured endpoints from then until the last
    /// of them had all. One that does not answer has its share in front of it all the time.
    /// </summary>
    public async Task<double> DrainAsync(Pace pace, CancellationToken cancellationToken)
    {
        await SetEnabledAsync(false, cancellationToken);
        var (_, measured) = Send(pace, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await SetEnabledAsync(true, cancellationToken);
        return measured / Stopwatch.GetElapsedTime(start, await UntilHadAsync(cancellationToken)).TotalSeconds;
    }

    /// <summary>The latencies of the measured endpoints' events since the last call.</summary>
    public Task<LongHistogram> LatenciesAsync(CancellationToken cancellationToken) => receiver.LatenciesAsync(folder, cancellationToken);

    /// <summary>Notes what was lost or came twice, and where the events are of endpoints that are not well.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        findings.Check(name, _accepted.Take(Measured).Sum(), await receiver.StatsAsync(cancellationToken));
        for (var number = Measured; number < Count; number++)
        {
            var other = others[number - Measured];
            if (other.Answers)
            {
                continue;
            }

            // In this order: what is answered in between then counts twice and not never.
            var waiting = await _registry.WaitingAsync(_ids[number], cancellationToken);
            var had = other.Receiver is null ? 0 : (await other.Receiver.StatsAsync(cancellationToken)).Unique;
            findings.Note($"{name}: of {_accepted[number]} events for the one that {other.Behaviour} {waiting} wait, {had} were received");
            if (waiting + had < _accepted[number])
            {
                findings.Problems.Add(Invariant($"{name}: {_accepted[number] - waiting - had} events for the one that {other.Behaviour} neither wait nor were received"));
            }
        }
    }

    public void Dispose()
    {
        _load.Dispose();
        _registry.Dispose();
    }

    private (LoadResult Load, long Measured) Send(Pace pace, CancellationToken cancellationToken)
    {
        var load = _load.Run(pace, cancellationToken);
        findings.Check(name, load);
        var before = _accepted.Take(Measured).Sum();
        for (var number = 0; number < Count; number++)
        {
            // The requests go round, and each phase begins with the first.
            _accepted[number] += (load.Accepted + Count - 1 - number) / Count;
        }

        return (load, _accepted.Take(Measured).Sum() - before);
    }

    private Task SetEnabledAsync(bool enabled, CancellationToken cancellationToken) =>
        Task.WhenAll(_ids.Where((_, number) => number < Measured || others[number - Measured].Answers).Select(id => _registry.SetEnabledAsync(id, enabled, cancellationToken)));

    /// <summary>Waits until every endpoint that answers has had all; when the last of the measured ones had.</summary>
    private async Task<long> UntilHadAsync(CancellationToken cancellationToken)
    {
        var last = await UntilHadAsync(receiver, _accepted.Take(Measured).Sum(), cancellationToken);
        if (others.FirstOrDefault(static other => other.Answers)?.Receiver is { } answering)
        {
            await UntilHadAsync(answering, _accepted.Skip(Measured).Sum(), cancellationToken);
        }

        return last;
    }

    private async Task<long> UntilHadAsync(ReceiverProcess by, long expected, CancellationToken cancellationToken)
    {
        var stats = await by.UntilAsync(seen => seen.Unique >= expected, cancellationToken);
        return stats.Unique >= expected ? stats.LastAt : throw new BenchException($"{name}: {expected - stats.Unique} of {expected} events were not delivered");
    }
}
