using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Storage.Sql;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Delivering;

public sealed class ManyLanes : IDisposable
{
    private const int Lanes = 1_000;

    private readonly FakeDeliveryClient _client = new();
    private readonly TestClock _clock = new();
    private readonly OwnMeters _meters = new();
    private readonly EndpointRegistry _endpoints = new();
    private readonly SqlEventStore _store;

    public ManyLanes() => _store = Made.Store(_clock);

    public void Dispose()
    {
        _store.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task What_all_lanes_hold_together_is_bounded_however_many_have_a_backlog_and_all_is_delivered()
    {
        _client.Hold();
        using var host = await Start(new EndpointLimits(Lanes, MostWorkers: 1));
        var endpoints = Register(Lanes);
        await Accept(endpoints, count: 40, payloadBytes: 10_000);
        await Waiting.Until(() => _client.Running == Lanes);

        // 400 MB wait. What is common is taken, and each window has its share or a single delivery.
        Assert.InRange(host.HeldBytes, LaneBudget.MostBytes / 2, LaneBudget.MostBytes * 3 / 2);

        _client.Release();
        await Waiting.Until(() => endpoints.All(endpoint => _store.Waiting(endpoint.Id) == 0));
        Assert.Equal(40 * Lanes, _client.Sent.Count);
        Assert.Equal(0, host.HeldBytes);
        await host.StopAsync(Waiting.Cancellation).InTime();
    }

    [Fact]
    public async Task Lanes_that_hang_leave_each_other_lane_its_share()
    {
        _client.Hold();
        using var host = await Start(new EndpointLimits(Lanes, MostWorkers: 1));
        var hanging = Register(20);
        await Accept(hanging, count: 400, payloadBytes: 60_000);
        Assert.InRange(host.HeldBytes, LaneBudget.MostBytes * 9 / 10, LaneBudget.MostBytes * 3 / 2);

        var healthy = Made.Endpoint("healthy", queueSize: 10_000);
        _endpoints.Set(healthy);
        _client.Holds = delivery => delivery.EndpointId != healthy.Id;
        await Accept([healthy], count: 2_000, payloadBytes: 1_000);
        await Waiting.Until(() => _store.Waiting(healthy.Id) == 0);

        Assert.Equal(2_000, _client.Sent.Count(sent => sent.EndpointId == healthy.Id));
        _client.Release();
    }

    [Fact]
    public async Task Workers_start_when_there_is_something_to_do_and_end_when_there_is_not()
    {
        _client.Hold();
        using var host = await Start(new EndpointLimits(Lanes, MostWorkers: 2_000));
        var endpoints = Register(400, workers: 1_000);
        Assert.Equal(0, host.Workers);

        await Accept(endpoints, count: 1, payloadBytes: 10);
        await Waiting.Until(() => _client.Running == 400);
        Assert.InRange(host.Workers, 400, 420);
        await Accept(endpoints[..1], count: 500, payloadBytes: 10);
        await Waiting.Until(() => _client.Running == 900);

        // Some may have begun for what others then took.
        Assert.InRange(host.Workers, 900, 1_000);

        _client.Release();
        await Waiting.Until(() => endpoints.All(endpoint => _store.Waiting(endpoint.Id) == 0));
        await Waiting.Until(() => host.Workers == 0);

        // And begin again.
        _client.Hold();
        await Accept(endpoints[..1], count: 50, payloadBytes: 10);
        await Waiting.Until(() => _client.Running == 50);
        _client.Release();
    }

    [Fact]
    public async Task No_more_workers_run_than_may_in_all_and_each_lane_has_one()
    {
        _client.Hold();
        using var host = await Start(new EndpointLimits(Lanes, MostWorkers: 40));
        var endpoints = Register(30, workers: 10);

        await Accept(endpoints, count: 10, payloadBytes: 10);
        await Waiting.Until(() => _client.Running == 40);

        Assert.Equal(40, host.Workers);
        Assert.Equal(30, _client.Sent.DistinctBy(static sent => sent.EndpointId).Count());
        _client.Release();
        await Waiting.Until(() => endpoints.All(endpoint => _store.Waiting(endpoint.Id) == 0));
    }

    [Fact]
    public async Task Nothing_is_held_for_lanes_that_were_removed()
    {
        _client.Hold();
        using var host = await Start(new EndpointLimits(Lanes, MostWorkers: 2_000));
        var endpoints = Register(200, workers: 5);
        await Accept(endpoints, count: 20, payloadBytes: 1_000);
        await Waiting.Until(() => _client.Running == 1_000);

        foreach (var endpoint in endpoints)
        {
            _endpoints.Remove(endpoint.Id);
        }

        _client.Release();
        await Waiting.Until(() => host.Workers == 0);
        Assert.Equal((0, 0L), (host.Lanes, host.HeldBytes));
    }

    [Fact]
    public async Task A_lane_that_was_removed_is_collected_with_all_that_belongs_to_it()
    {
        using var host = await Start(new EndpointLimits(Lanes, MostWorkers: 2_000));

        var gone = Add(count: 100);
        await Waiting.Until(() => _client.Sent.Count == 100 && _client.Running == 0);
        RemoveAll();

        await Waiting.Until(() => host.Workers == 0);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // What the last calls had in their hands may stay for a while.
        Assert.InRange(gone.Count(static address => address.IsAlive), 0, 2);
    }

    /// <summary>Registers endpoints with an event each. Their addresses are held by their lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference> Add(int count)
    {
        var addresses = new List<WeakReference>();
        for (var number = 0; number < count; number++)
        {
            var endpoint = Made.Endpoint($"ep_{number}", workers: 5, url: new Uri($"http://receiver-{number}.test/"));
            _endpoints.Set(endpoint);
            _store.AcceptAsync([new RoutedEvent(Made.Event(), [endpoint])], null, Waiting.Cancellation).AsTask().Wait(Waiting.Cancellation);
            addresses.Add(new WeakReference(endpoint.Url));
        }

        return addresses;
    }

    /// <summary>A method of its own, lest its list stays on the stack.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RemoveAll()
    {
        foreach (var endpoint in _endpoints.All.Select(static endpoint => endpoint.Id).ToList())
        {
            _endpoints.Remove(endpoint);
        }
    }

    private async Task<LaneHost> Start(EndpointLimits limits)
    {
        var circuits = new Circuits(_clock, NullLogger<Circuits>.Instance);
        var metrics = _meters.Of(_endpoints);
        var host = MadeLanes.Lanes(_store, _client, _endpoints, circuits, metrics, TimeSpan.FromSeconds(30), _clock, NullLoggerFactory.Instance, limits);
        await host.StartAsync(_store, _endpoints);
        return host;
    }

    private List<WebhookEndpoint> Register(int count, int workers = 1)
    {
        List<WebhookEndpoint> endpoints = [.. Enumerable.Range(0, count).Select(number => Made.Endpoint($"ep_{number}", queueSize: 10_000, workers: workers))];
        endpoints.ForEach(_endpoints.Set);
        return endpoints;
    }

    private async Task Accept(List<WebhookEndpoint> endpoints, int count, int payloadBytes)
    {
        for (var number = 0; number < count; number++)
        {
            await _store.AcceptAsync([new RoutedEvent(Made.Event(payload: new string('x', payloadBytes)), [.. endpoints])], null, Waiting.Cancellation);
        }
    }
}
