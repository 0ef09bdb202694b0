using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using ServiceDefaults;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Expiring;

/// <summary>The deadline of each delivery is judged before each attempt, and when the next is planned.</summary>
public sealed class JudgingShipments : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly TestClock _clock = new();
    private readonly ListStore _store = new();
    private readonly FakeDeliveryClient _receiver;
    private readonly Circuit _circuit;

    public JudgingShipments() => (_receiver, _circuit) = (new FakeDeliveryClient(_clock), new Circuit(_clock, Waiting.Cancellation));

    public void Dispose() => _circuit.Dispose();

    [Theory]
    [InlineData(60, null, 59, true)]
    [InlineData(60, null, 60, false)]
    [InlineData(null, 60, 59, true)]
    [InlineData(null, 60, 60, false)]
    [InlineData(90, 60, 60, false)]
    [InlineData(60, 90, 60, false)]
    [InlineData(null, null, 100_000_000, true)]
    public async Task The_earlier_of_both_deadlines_counts(int? expiresIn, int? maxAge, int age, bool isSent)
    {
        var delivery = Delivery(expiresIn);
        _clock.Advance(TimeSpan.FromSeconds(age));

        var left = await Deliver(Shipment.Of(delivery), maxAge: maxAge);

        Assert.Empty(left);
        Assert.Equal(isSent ? 1 : 0, _receiver.Sent.Count);
        Assert.Equal(isSent ? [] : [delivery], _store.Expired);
        Assert.Equal(isSent ? 1 : 0, _store.Recorded.Count);
    }

    [Fact]
    public async Task A_replay_is_sent_however_late_it_is()
    {
        _clock.Advance(2 * Minute);

        await Deliver(Shipment.Of(Delivery(60) with { ReplayId = "r", Priority = Priority.Background }), maxAge: 60);

        Assert.Single(_receiver.Sent);
        Assert.Empty(_store.Expired);
    }

    [Fact]
    public async Task It_is_judged_again_before_a_retry()
    {
        // The receiver answers a minute after the plan was made.
        _receiver.Answer = _ =>
        {
            var attempt = Made.Attempt(503, "http_503") with { StartedAt = _clock.GetUtcNow() };
            _clock.Advance(Minute);
            return attempt;
        };

        await Deliver(Shipment.Of(Delivery(60)), retries: new RetryPlan(Minute, 3, TimeSpan.Zero));

        Assert.Single(_receiver.Sent);
        Assert.Equal([OutcomeKind.Pending], _store.Recorded.Single().Outcomes.Select(static outcome => outcome.Kind));
        Assert.Single(_store.Expired);
    }

    [Fact]
    public async Task A_late_delivery_leaves_its_batch_which_keeps_its_id()
    {
        var batch = new Shipment { BatchId = Ids.Create(_clock.GetUtcNow()), Deliveries = [Delivery(60, 1), Delivery(null, 2), Delivery(120, 3)] };
        _clock.Advance(Minute);

        await Deliver(batch);

        var sent = Assert.Single(_receiver.Batches);
        Assert.Equal(batch.BatchId, sent.BatchId);
        Assert.Equal([2, 3], sent.Deliveries.Select(static delivery => delivery.Sequence));
        Assert.Equal([1], _store.Expired.Select(static delivery => delivery.Sequence));
    }

    [Fact]
    public async Task A_retry_is_planned_for_those_of_a_batch_that_it_is_not_too_late_for()
    {
        _receiver.Status = 503;
        var batch = new Shipment { BatchId = Ids.Create(_clock.GetUtcNow()), Deliveries = [Delivery(60, 1), Delivery(null, 2), Delivery(61, 3)] };

        var delivering = Deliver(batch, retries: new RetryPlan(Minute, 1, Minute));
        await _clock.WaitBegun(Minute);
        _receiver.Status = 200;
        _clock.Advance(Minute);
        await delivering;

        Assert.Equal([OutcomeKind.Expired, OutcomeKind.Pending, OutcomeKind.Pending], _store.Recorded[0].Outcomes.Select(static outcome => outcome.Kind));
        Assert.Equal([2, 3], _receiver.Batches[1].Deliveries.Select(static delivery => delivery.Sequence));
        Assert.Equal(batch.BatchId, _receiver.Batches[1].BatchId);
    }

    [Theory]
    [InlineData(59, false, "fallback")]
    [InlineData(60, true, null)]
    public async Task A_failure_that_ends_past_it_is_handed_to_no_fallback(int seconds, bool isExpired, string? handedTo)
    {
        _receiver.Answer = _ => Made.Failed() with { Duration = TimeSpan.FromSeconds(seconds) };
        var endpoint = Made.Endpoint() with { FallbackId = new EndpointId("fallback"), Redelivery = new RedeliverySchedule([]) };

        await Deliver(Shipment.Of(Delivery(60)), endpoint);

        var outcome = Assert.Single(_store.Recorded.Single().Outcomes);
        Assert.Equal((isExpired ? OutcomeKind.Expired : OutcomeKind.DeadLetter, handedTo), (outcome.Kind, outcome.HandedTo?.Value));
    }

    private static Delivery Delivery(int? expiresIn, long sequence = 1)
    {
        var made = Made.Delivery(sequence);
        return made with { Event = made.Event with { ExpiresAt = expiresIn is { } seconds ? TestClock.Noon + TimeSpan.FromSeconds(seconds) : null } };
    }

    private Task<IReadOnlyList<Shipment>> Deliver(Shipment shipment, int? maxAge = null, RetryPlan? retries = null) =>
        Deliver(shipment, Made.Endpoint(retries: retries) with { MaxAge = maxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null });

    private async Task<IReadOnlyList<Shipment>> Deliver(Shipment shipment, WebhookEndpoint endpoint)
    {
        var registry = Made.Registry(endpoint);
        var deliver = MadeLanes.Shipments(_store, _receiver, registry, Made.Metrics(), _clock, NullLoggerFactory.Instance);
        return await deliver.ExecuteAsync(shipment, _circuit.TryEnter(out _)!, new StopSignals(Waiting.Cancellation, Waiting.Cancellation)).InTime();
    }
}
