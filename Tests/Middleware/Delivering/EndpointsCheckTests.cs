using Microsoft.Extensions.Diagnostics.HealthChecks;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Health;
using Middleware.Replicas;
using Middleware.Storage;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;
using Tests.Middleware.Storage;

namespace Tests.Middleware.Delivering;

public sealed class EndpointsCheckTests : IDisposable
{
    private readonly RecordingSink _sink = new();
    private readonly EndpointRegistry _endpoints = new();
    private readonly SqlEventStore _store = Made.Store(new TestClock());
    private readonly SqliteEngine _engine;
    private readonly EndpointsCheck _check;

    public EndpointsCheckTests()
    {
        var (clock, log) = (new TestClock(), new CapturedLog());
        _engine = new SqliteEngine(new StoreSettings(IsMemory: true, ""), log.For<SqliteEngine>());
        var lanes = new LaneStates(new Circuits(clock, log.For<Circuits>()), _endpoints, OwnsAll.Instance, new SqlReplicas(_engine), clock);
        _check = new EndpointsCheck(_endpoints, _store, lanes, clock, log.For<EndpointsCheck>());
    }

    public void Dispose()
    {
        _store.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public async Task A_probe_looks_at_a_hundred_and_remembers_what_it_found()
    {
        await Register(250);
        await Fill(_endpoints.All[249]);

        Assert.Equal(HealthStatus.Healthy, (await Probe()).Status);
        Assert.Equal(HealthStatus.Healthy, (await Probe()).Status);
        for (var probe = 0; probe < 4; probe++)
        {
            var found = await Probe();
            Assert.Equal((HealthStatus.Degraded, "1 endpoint has a full queue or fails"), (found.Status, found.Description));
            Assert.Equal(["e249", "queue full: 1 wait"], found.Data.SelectMany(static one => new[] { one.Key, one.Value }));
        }

        await _store.RecordAsync(_sink.Told.Single(), Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => _sink.HasDrained.Count == 1);
        Assert.Equal(HealthStatus.Healthy, (await Probe()).Status);
    }

    [Fact]
    public async Task However_many_are_in_trouble_ten_are_named_and_a_hundred_counted()
    {
        await Register(250);
        foreach (var endpoint in _endpoints.All)
        {
            await Fill(endpoint);
        }

        for (var probe = 0; probe < 3; probe++)
        {
            var found = await Probe();
            Assert.Equal("at least 100 endpoints have a full queue or fail", found.Description);
            Assert.Equal(Enumerable.Range(0, 10).Select(static number => $"e{number:000}"), found.Data.Keys);
        }
    }

    [Fact]
    public async Task What_parks_is_full_past_its_limit_and_what_is_disabled_or_gone_is_in_no_trouble()
    {
        await _store.OpenAsync(_sink, Waiting.Cancellation);
        var endpoint = Made.Endpoint(queueSize: 2, whenFull: WhenFull.Park);
        _endpoints.Set(endpoint);
        await Fill(endpoint);
        Assert.Equal(HealthStatus.Healthy, (await Probe()).Status);
        await Fill(endpoint);
        Assert.Equal(HealthStatus.Degraded, (await Probe()).Status);

        _endpoints.Set(endpoint with { Disabled = DisabledReason.Operator });
        Assert.Equal(HealthStatus.Healthy, (await Probe()).Status);
        _endpoints.Set(endpoint);
        Assert.Equal(HealthStatus.Degraded, (await Probe()).Status);
        _endpoints.Remove(endpoint.Id);
        Assert.Equal(HealthStatus.Healthy, (await Probe()).Status);
    }

    private async Task Register(int count)
    {
        await _store.OpenAsync(_sink, Waiting.Cancellation);
        for (var number = 0; number < count; number++)
        {
            _endpoints.Set(Made.Endpoint($"e{number:000}", queueSize: 1));
        }
    }

    private ValueTask<AcceptResult> Fill(WebhookEndpoint endpoint) => _store.AcceptAsync([new RoutedEvent(Made.Event(), [endpoint])], null, Waiting.Cancellation);

    private Task<HealthCheckResult> Probe() => _check.CheckHealthAsync(new HealthCheckContext(), Waiting.Cancellation);
}
