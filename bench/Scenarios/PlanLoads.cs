using Bench.Capacity;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>Measures loads at fixed rates, each by a service of its own with an empty store: so peak memory and the growth of the store are those of the load alone.</summary>
internal sealed class PlanLoads(TestBed bed, Findings findings, PlanOptions options, PlanStores stores, Action<string> progress)
{
    private const int Connections = 64;
    private const double LeastOfRate = 0.95;
    private const string EventType = "server_down";

    /// <summary>The time in which the service comes to its steady state.</summary>
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    /// <summary>The cores that a service without a load uses.</summary>
    public async Task<double> IdleCoresAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.NewAsync();
        await using var service = await bed.MiddlewareAsync(null, store.Settings, cancellationToken);
        await Task.Delay(Idle, TimeProvider.System, cancellationToken);
        var before = service.CpuTime;
        await Task.Delay(Idle, TimeProvider.System, cancellationToken);
        return (service.CpuTime - before) / Idle;
    }

    public async Task<MeasuredUse> MeasureAsync(MeasuredLoad load, CancellationToken cancellationToken)
    {
        await using var store = await stores.NewAsync();
        var (events, kept, use) = await MeasureAsync(load, store, cancellationToken);
        use = use with { KeptBytes = (await store.KeptBytesAsync() - kept) / events };
        progress(Invariant(
            $"- {load.Name}, {use.EventsPerSecond:0}/s: for an event {use.ServiceMicroseconds:0} µs of the service, {use.ServerMicroseconds:0} µs of the server, {use.KeptBytes:0} bytes kept, {use.WrittenBytes:0} written, {use.Commits:0.00} commits; peak {use.PeakMegabytes:0} MB"));
        return use;
    }

    /// <summary>Peak megabytes of a service with so many endpoints, each with events of its own, after so many events. Its receivers answer, or hold all requests.</summary>
    public async Task<double> PeakMegabytesAsync(int bytes, int endpoints, int events, bool answers, CancellationToken cancellationToken)
    {
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var store = await stores.NewAsync();
        await using var service = await bed.MiddlewareAsync(null, store.Settings, cancellationToken);
        var kinds = EventRequests.Types(endpoints);
        using var registry = new EndpointRegistry(service);
        foreach (var kind in kinds)
        {
            await registry.AddAsync(new NewEndpoint(kind, receiver.Target, new NewFilter([kind])), cancellationToken);
        }

        using var load = new LoadGenerator(service.Address, Connections, EventRequests.OfSize(service.Address, bytes, kinds));
        if (answers)
        {
            await receiver.OpenAsync(long.MaxValue, cancellationToken);
        }

        var sent = load.Run(Pace.Fixed(options.Rate, TimeSpan.FromSeconds((double)events / options.Rate)), cancellationToken);
        findings.Check(Invariant($"{endpoints} endpoints"), sent);
        if (answers)
        {
            await receiver.UntilAsync(seen => seen.Unique >= sent.Accepted, cancellationToken);
        }

        return service.PeakMegabytes;
    }

    private async Task<(double Events, double KeptBefore, MeasuredUse Use)> MeasureAsync(MeasuredLoad load, PlanStore store, CancellationToken cancellationToken)
    {
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var service = await bed.MiddlewareAsync(null, store.Settings, cancellationToken);
        using var registry = new EndpointRegistry(service);
        await registry.AddAllAsync(receiver, load.Matching, cancellationToken);
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{service.Address}") };
        var requests = EventRequests.OfSize(service.Address, load.Bytes, EventType);
        using var flow = new Flow(findings, load.Name, receiver, new LoadGenerator(service.Address, Connections, requests), () => service.CpuTime, load.Matching);
        var kept = await store.KeptBytesAsync();
        var first = await flow.SendAsync(PaceOf(load, Warmup), cancellationToken);

        var commits = await CommitTimes.ReadAsync(client, cancellationToken);
        var (written, server, own) = (await store.WrittenBytesAsync(service), store.ServerCpu, service.CpuTime);
        var (sent, delivered, _) = await flow.MeasureAsync(PaceOf(load, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        if (delivered / load.Matching < load.Rate * LeastOfRate)
        {
            throw new BenchException(Invariant($"{load.Name}: this machine takes and delivers {delivered / load.Matching:0} events/s of {load.Rate}; give a lower --rate"));
        }

        var use = new MeasuredUse(
            load.Rate > 0 ? load.Rate : delivered / load.Matching,
            (service.CpuTime - own).TotalMicroseconds / sent.Accepted,
            (store.ServerCpu - server).TotalMicroseconds / sent.Accepted,
            KeptBytes: 0,
            (await store.WrittenBytesAsync(service) - written) / sent.Accepted,
            (await CommitTimes.ReadAsync(client, cancellationToken) - commits).Commits / sent.Accepted,
            service.PeakMegabytes);
        await flow.CheckAsync(cancellationToken);
        return (first.Accepted + sent.Accepted, kept, use);
    }

    /// <summary>Without a limit half of the time has more events than the whole has at a rate, and what is accepted is delivered later.</summary>
    private static Pace PaceOf(MeasuredLoad load, TimeSpan duration) => load.Rate == 0 ? Pace.Saturate(duration / 2) : Pace.Fixed(load.Rate, duration);
}
