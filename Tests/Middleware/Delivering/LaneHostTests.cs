using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.Sqlite;

namespace Tests.Middleware.Delivering;

public sealed partial class LaneHostTests : IDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    private readonly FakeDeliveryClient _client = new();
    private readonly TestClock _clock = new();
    private readonly CapturedLog _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private EndpointRegistry _endpoints = null!;
    private SqliteEventStore? _store;

    public void Dispose()
    {
        _store?.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task So_many_deliveries_run_at_once_as_there_are_workers()
    {
        _client.Hold();
        var (host, store) = await Start(Made.Endpoint(workers: 3));
        await Accept(store, 20);

        await Waiting.Until(() => _client.Running == 3);
        Assert.Equal(3, _client.Sent.Count);

        _client.Release();
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(20, _client.Sent.Count);
        Assert.Equal(3, _client.MostAtOnce);
        await Stop(host);
    }

    [Fact]
    public async Task A_defect_ends_no_worker_and_its_delivery_is_a_dead_letter_without_a_schedule()
    {
        _client.Answer = delivery => delivery.Sequence <= 2 ? throw new InvalidOperationException("a defect") : Made.Delivered();
        var store = new ListStore();
        var host = Create(Made.Endpoint(workers: 1), store);
        await host.StartAsync(store, _endpoints);

        store.Commit(5);
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);

        Assert.Equal([1, 2, 3, 4, 5], _client.Sent.Select(delivery => delivery.Sequence));
        Assert.True(host.IsRunning);
        Assert.Equal(["defect", "defect", null, null, null], store.Recorded.Select(one => one.Attempt.Reason));
        Assert.All(store.Recorded.Take(2), one => Assert.Equal(DeliveryOutcome.DeadLetter(), Assert.Single(one.Outcomes)));
        var lines = _log.Of("a defect of the service").ToList();
        Assert.Equal(_client.Sent.Take(2).Select(delivery => delivery.Event.IdText), lines.Select(line => line.Values["eventId"]));
        Assert.All(lines, line => Assert.Equal((LogLevel.Critical, "a defect"), (line.Level, line.Exception?.Message)));
        await Stop(host);
    }

    [Fact]
    public async Task A_defect_of_a_batch_is_one_of_each_of_its_deliveries()
    {
        _client.AnswerBatch = _ => throw new InvalidOperationException("a defect");
        var store = new ListStore();
        store.Commit(3);
        var host = Create(Made.Endpoint(workers: 1) with { Batch = new BatchPlan(3, TimeSpan.Zero) }, store);
        await host.StartAsync(store, _endpoints);

        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);
        await Stop(host);

        Assert.Equal([.. Enumerable.Repeat(DeliveryOutcome.DeadLetter(), 3)], Assert.Single(store.Recorded).Outcomes);
    }

    [Fact]
    public async Task A_delivery_that_failed_is_over_and_its_failure_logged()
    {
        _client.Answer = _ => Made.Failed();
        var (host, store) = await Start(Made.Endpoint());

        await Accept(store, 1);
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);
        await Stop(host);

        var line = Assert.Single(_log.Errors);
        Assert.Equal("failed to send event", line.Message);
        Assert.Equal("http_500", line.Values["reason"]);
        Assert.Equal("c-1", line.Values["correlationId"]);
        Assert.Equal(_client.Sent[0].Event.IdText, line.Values["eventId"]);
    }

    [Fact]
    public async Task What_was_pending_before_the_start_is_delivered()
    {
        var store = new ListStore();
        store.Commit(3_000);
        var host = Create(Made.Endpoint(workers: 1), store);

        await host.StartAsync(store, _endpoints);
        store.Commit(10);
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);
        await Stop(host);

        Assert.Equal(Enumerable.Range(1, 3_010).Select(number => (long)number), _client.Sent.Select(delivery => delivery.Sequence));
    }

    [Fact]
    public async Task Without_an_endpoint_it_runs_and_stops()
    {
        var (host, store) = await Start(null);
        Assert.True(host.IsRunning);
        await store.AcceptAsync([new RoutedEvent(Made.Event(), [])], null, Waiting.Cancellation);

        await Stop(host);

        Assert.Empty(_log.Errors);
    }

    [Fact]
    public async Task An_endpoint_that_is_added_while_running_has_a_lane_of_its_own()
    {
        var (host, store) = await Start(Made.Endpoint(workers: 1));
        _client.Hold();
        await Accept(store, 5);
        await Waiting.Until(() => _client.Running == 1);

        var added = Made.Endpoint(workers: 2) with { Id = new EndpointId("added") };
        _endpoints.Set(added);
        await Accept(store, 5, added);
        await Waiting.Until(() => _client.Running == 3);
        Assert.Equal(2, _client.Sent.Count(delivery => delivery.EndpointId == added.Id));

        _client.Release();
        await Waiting.Until(() => store.Waiting(EndpointId.Default) + store.Waiting(added.Id) == 0);
        await Stop(host);
    }

    [Fact]
    public async Task A_changed_number_of_workers_acts_at_once_and_cuts_no_delivery_off()
    {
        var (host, store) = await Start(Made.Endpoint(workers: 1));
        _client.Hold();
        await Accept(store, 20);
        await Waiting.Until(() => _client.Running == 1);

        _endpoints.Set(Made.Endpoint(workers: 4));
        await Waiting.Until(() => _client.Running == 4);
        _endpoints.Set(Made.Endpoint(workers: 2));
        Assert.Equal(4, _client.Running);

        var before = _client.Sent.Count;
        _client.Release();
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);
        Assert.Equal((4, 20), (before, _client.Sent.Count));

        _client.Hold();
        await Accept(store, 20);
        await Waiting.Until(() => _client.Running == 2);
        _client.Release();
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);
        Assert.Empty(_log.Errors);
        await Stop(host);
    }

    [Fact]
    public async Task What_waits_for_a_disabled_endpoint_is_kept_and_delivered_when_it_is_enabled()
    {
        var disabled = Made.Endpoint(queueSize: 10) with { Disabled = DisabledReason.Operator };
        var (host, store) = await Start(disabled);

        await Accept(store, 20, disabled);
        Assert.Equal((20, 0), (store.Waiting(EndpointId.Default), _client.Sent.Count));

        _endpoints.Set(disabled with { Disabled = null });
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(20, _client.Sent.Count);
        await Stop(host);
    }

    [Fact]
    public async Task A_removed_endpoint_is_sent_nothing_more()
    {
        var (host, store) = await Start(Made.Endpoint(workers: 1));
        _client.Hold();
        await Accept(store, 5);
        await Waiting.Until(() => _client.Running == 1);

        _endpoints.Remove(EndpointId.Default);
        _client.Release();
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 4);
        await Stop(host);

        Assert.Single(_client.Sent);
    }

    [Fact]
    public async Task A_worker_that_ends_by_a_defect_is_noted_and_another_goes_on_after_a_pause()
    {
        var store = new ListStore();
        var host = Create(Made.Endpoint(workers: 1), store, new LogThatFailsOnce(_log));
        await host.StartAsync(store, _endpoints);
        _client.Answer = delivery => delivery.Sequence == 1 ? throw new InvalidOperationException("a defect") : Made.Delivered();

        var (pause, before) = (TimeSpan.FromSeconds(1), _clock.Waits.Count(static wait => wait == TimeSpan.FromSeconds(1)));
        store.Commit(3);
        await Waiting.Until(() => _client.Sent.Count == 1 && _client.Running == 0);
        await _clock.Pass(pause, before + 1);
        await Waiting.Until(() => store.Waiting(EndpointId.Default) == 1);

        Assert.Equal([1, 2, 3], _client.Sent.Select(delivery => delivery.Sequence));
        Assert.True(host.IsRunning);
        var line = Assert.Single(_log.Of("a defect of the service"));
        Assert.Equal(("worker", "default", "the log fails"), (line.Values["part"], line.Values["endpoint"], line.Exception?.Message));
        await Stop(host);
    }

    private async Task<(LaneHost Host, SqliteEventStore Store)> Start(WebhookEndpoint? endpoint)
    {
        var store = _store = Made.Store(_clock, log: _log.For<SqliteEventStore>());
        var host = Create(endpoint, store);
        await host.StartAsync(store, _endpoints);
        return (host, store);
    }

    private LaneHost Create(WebhookEndpoint? endpoint, IEventStore store, ILoggerFactory? loggers = null)
    {
        var endpoints = _endpoints = Made.Registry(endpoint);
        var circuits = new Circuits(_clock, _log.For<Circuits>());
        var metrics = Made.Metrics(_services.GetRequiredService<IMeterFactory>(), endpoints);
        return MadeLanes.Lanes(store, _client, endpoints, circuits, metrics, ShutdownTimeout, _clock, loggers ?? _log);
    }

    private static Task Stop(LaneHost host) => host.StopAsync(Waiting.Cancellation).InTime();

    private static async Task Accept(SqliteEventStore store, int count, WebhookEndpoint? endpoint = null)
    {
        for (var number = 0; number < count; number++)
        {
            var routed = new RoutedEvent(Made.Event(), [endpoint ?? Made.Endpoint(queueSize: 10_000)]);
            var result = await store.AcceptAsync([routed], null, Waiting.Cancellation);
            Assert.Equal(AcceptOutcome.Accepted, result.Events[0].Outcome);
        }
    }

    /// <summary>Fails where the defect of a delivery is noted first, so that the defect is the worker's own.</summary>
    private sealed class LogThatFailsOnce(CapturedLog log) : ILoggerFactory
    {
        private int _failed;

        public ILogger CreateLogger(string categoryName) => new Logger(this, log.CreateLogger(categoryName));

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        private sealed class Logger(LogThatFailsOnce owner, ILogger inner) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (logLevel == LogLevel.Critical && Interlocked.Exchange(ref owner._failed, 1) == 0)
                {
                    throw new InvalidOperationException("the log fails", exception);
                }

                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
