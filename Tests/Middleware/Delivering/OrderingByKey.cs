using System.Collections.Concurrent;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Delivering;

/// <summary>Lanes in order by key over a SQLite store.</summary>
public sealed class OrderingByKey : OnALane
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, int> _failing = [];
    private readonly SqlEventStore _store;
    private LaneStage _lanes = null!;

    public OrderingByKey()
    {
        Client.Answer = Answer;
        _store = Made.Store(Clock);
    }

    [Fact]
    public async Task A_failing_key_waits_for_its_next_attempt_and_the_others_go_on()
    {
        await Start(workers: 1);
        _failing["a1"] = 1;
        await Accept("a1", "b1", "a2", "b2", "a3");

        await Waiting.Until(() => Sent.Contains("b2"));
        await Waiting.Until(() => _store.Held(EndpointId.Default) == 3);
        Assert.Equal(["a1", "b1", "b2"], Sent);
        Assert.Equal(0, _lanes.Busy);

        Clock.Advance(Pause);
        await Waiting.Until(() => _store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(["a1", "b1", "b2", "a1", "a2", "a3"], Sent);
        Assert.Equal([1, 1, 1, 2, 1, 1], Client.Sent.Select(static sent => sent.AttemptsBefore + 1));
    }

    [Fact]
    public async Task Events_of_one_key_are_never_under_way_together_and_priorities_do_not_count()
    {
        await Start(workers: 4);
        Client.Hold();
        await Accept("a1");
        await _lanes.Accept(1, Priority.Critical);
        await Accept("a2");
        await _lanes.Accept(1, Priority.Critical);
        await Waiting.Until(() => Client.Running == 2);

        Client.Release();
        await Waiting.Until(() => _store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(2, Client.MostAtOnce);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_ones_of_a_key_wait_for_the_slow_tier_and_for_good_where_it_blocks(bool blocks)
    {
        await Start(workers: 1, blocks ? OnExhausted.Block : OnExhausted.Skip);
        _failing["a1"] = int.MaxValue;
        await Accept("a1", "a2", "b1");
        await Waiting.Until(() => Sent.Contains("b1"));

        // The fast tier, then the slow one: each has two attempts.
        await Spend(Client.Sent.Count + 1);
        await Waiting.Until(() => DeadLettersDue() == 1);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain("a2", Sent);
        await _store.QueueDueAsync(Clock.GetUtcNow(), 10, Waiting.Cancellation);
        await Spend(5);

        if (!blocks)
        {
            await Waiting.Until(() => Sent.Contains("a2"));
            Assert.Equal(["a1", "b1", "a1", "a1", "a1", "a2"], Sent);
            return;
        }

        await Waiting.Until(() => (_store.Waiting(EndpointId.Default), _store.Held(EndpointId.Default)) == (1, 1));
        var dead = new DeliveryId(Client.Sent[0].Event.Id, EndpointId.Default);
        using var history = new SqlHistory(_store);
        Assert.DoesNotContain("a2", Sent);
        await history.DiscardAsync(dead, Actor.Service, Waiting.Cancellation);
        await Waiting.Until(() => Sent.Contains("a2"));
    }

    [Fact]
    public async Task A_batch_has_one_event_of_each_key_and_goes_through_its_fast_tier_whole()
    {
        var maxWait = TimeSpan.FromSeconds(3);
        await Start(workers: 2, batch: new BatchPlan(10, maxWait));
        var statuses = new Queue<int>([503, 200, 200]);
        Client.AnswerBatch = batch => Answer(statuses.Dequeue());
        await Accept("a1", "b1", "a2", "c1");

        await Clock.Pass(maxWait);
        await Waiting.Until(() => Client.Batches.Count == 1);
        Assert.Equal(["a1", "b1", "c1"], Client.Batches[0].Deliveries.Select(static delivery => delivery.Event.EventType));
        await Clock.Pass(Pause);
        await Clock.Pass(maxWait, count: 2);
        await Waiting.Until(() => _store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(["a1", "b1", "c1", "a1", "b1", "c1", "a2"], Sent);
    }

    [Fact]
    public async Task An_endpoint_that_is_switched_to_an_order_sends_its_older_events_first()
    {
        await Start(workers: 4, ordered: false);
        Client.Hold();
        await Accept("a1", "a2");
        await Waiting.Until(() => Client.Running == 2);

        Set(_lanes.Endpoints.Find(EndpointId.Default)! with { Ordering = Made.Ordering() });
        await Accept("a3", "b1");
        Assert.Equal(2, Client.Running);
        Client.Release();

        await Waiting.Until(() => _store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(["a3", "b1"], Sent.Skip(2).Order());
    }

    [Fact]
    public async Task An_event_that_was_routed_before_the_switch_and_committed_after_it_goes_first_too()
    {
        await Start(workers: 4);
        var before = _lanes.Endpoints.Find(EndpointId.Default)! with { Ordering = null };
        Client.Hold();
        await _store.AcceptAsync([Made.Routed(Made.Event() with { EventType = "a1", Source = "a" }, before)], null, Waiting.Cancellation);
        await Accept("a2", "b1");
        await Waiting.Until(() => Client.Running == 1);
        Assert.Equal(["a1"], Sent);
        Client.Release();

        await Waiting.Until(() => _store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(["a2", "b1"], Sent.Skip(1).Order());
    }

    [Fact]
    public async Task One_that_is_switched_back_still_sends_what_is_held_in_order()
    {
        await Start(workers: 2);
        _failing["a1"] = 1;
        await Accept("a1", "a2", "a3");
        await Waiting.Until(() => _store.Held(EndpointId.Default) == 3);

        Set(_lanes.Endpoints.Find(EndpointId.Default)! with { Ordering = null });
        await Accept("a4");
        await Waiting.Until(() => Sent.Contains("a4"));
        Clock.Advance(Pause);

        await Waiting.Until(() => _store.Waiting(EndpointId.Default) == 0);
        Assert.Equal(["a1", "a4", "a1", "a2", "a3"], Sent);
    }

    [Fact]
    public async Task Nothing_is_sent_or_moved_while_the_circuit_is_open_and_probes_keep_the_order()
    {
        await Start(workers: 1);
        foreach (var number in Enumerable.Range(0, Circuit.FewestTries))
        {
            _failing[$"k{number}-1"] = 2;
        }

        await Accept([.. Enumerable.Range(0, Circuit.FewestTries).SelectMany(static number => (string[])[$"k{number}-1", $"k{number}-2"])]);
        await Waiting.Until(() => _lanes.State == CircuitState.Open);
        var sent = Client.Sent.Count;
        Clock.Advance(Pause);
        Assert.Equal(sent, Client.Sent.Count);

        // A probe that succeeds may have the next failure spend the fast tier.
        while (_store.Waiting(EndpointId.Default) > 0)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
            await _store.QueueDueAsync(Clock.GetUtcNow(), 10, Waiting.Cancellation);
            Clock.Advance(Pause);
            await Task.Yield();
        }

        AssertInOrder();
    }

    private IReadOnlyList<string> Sent => [.. Client.Sent.Select(static sent => sent.Event.EventType)];

    private void Set(WebhookEndpoint endpoint) => _lanes.Endpoints.Set(endpoint);

    private async Task Start(int workers, OnExhausted onExhausted = OnExhausted.Skip, BatchPlan? batch = null, bool ordered = true)
    {
        var endpoint = Made.Endpoint(queueSize: 10_000, workers: workers, retries: new RetryPlan(TimeSpan.FromSeconds(3), 1, Pause)) with
        {
            Ordering = ordered ? Made.Ordering(onExhausted) : null,
            Redelivery = new RedeliverySchedule([TimeSpan.FromMinutes(1)]),
            Batch = batch,
        };
        _lanes = await Start(endpoint, _store);
    }

    /// <summary>Accepts an event of each name; the key is what is before its number.</summary>
    private async Task Accept(params string[] names)
    {
        foreach (var name in names)
        {
            var accepted = Made.Event() with { EventType = name, Source = name.Contains('-') ? name[..name.IndexOf('-')] : name[..1] };
            await _store.AcceptAsync([Made.Routed(accepted, _lanes.Endpoints.All)], null, Waiting.Cancellation);
        }
    }

    private async Task Spend(int sent)
    {
        while (Client.Sent.Count < sent)
        {
            Clock.Advance(Pause);
            await Task.Yield();
            Waiting.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private void AssertInOrder()
    {
        var last = new Dictionary<string, string>();
        foreach (var name in Sent)
        {
            var key = name[..name.IndexOf('-')];
            Assert.True(string.CompareOrdinal(last.GetValueOrDefault(key, ""), name) <= 0, $"{name} came behind {last.GetValueOrDefault(key)}");
            last[key] = name;
        }
    }

    private int DeadLettersDue()
    {
        using var connection = _store.OpenReader();
        using var count = connection.Prepare("SELECT COUNT(*) FROM dead_letters WHERE state = 0");
        return (int)count.Scalar()!.Value;
    }

    private Attempt Answer(Delivery delivery) => Answer(
        _failing.TryGetValue(delivery.Event.EventType, out var left) && left > 0 && _failing.TryUpdate(delivery.Event.EventType, left - 1, left) ? 503 : 200);

    private Attempt Answer(int status) => Made.Attempt(status, FailureReason.FromStatus(status)) with { StartedAt = Clock.GetUtcNow() };
}
