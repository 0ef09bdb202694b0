using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

/// <summary>Deliveries in order by key whose deadline is past while no worker has them.</summary>
public sealed class ExpiringInOrder : IDisposable
{
    private static readonly WebhookEndpoint Pager = Made.Endpoint("pager") with { Ordering = Made.Ordering() };
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);

    private readonly DurableStore _store = new();
    private SqlExpiry? _expiry;

    public void Dispose()
    {
        _expiry?.Dispose();
        _store.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_held_ends_and_the_next_one_of_its_key_goes_on(bool byEvent)
    {
        var (first, second) = (await Accept("a", byEvent ? Age : null), await Accept("a", null));
        await _store.Record(first, DeliveryOutcome.Held(1, _store.Clock.GetUtcNow().AddHours(1)));
        await _store.Events.HoldAsync([second]).InTime();

        await Sweep(byEvent, through: first);

        Assert.Equal([second.EventSequence], await Due());
        Assert.Equal((1, 1), (_store.Events.Waiting(Pager.Id), _store.Events.Held(Pager.Id)));
        Assert.Equal(1, await _store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 5"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_waits_behind_another_ends_alone(bool byEvent)
    {
        var (first, second) = (await Accept("a", byEvent ? Age : null), await Accept("a", byEvent ? Age : null));
        var third = await Accept("b", byEvent ? Age : null);
        await _store.Record(first, DeliveryOutcome.Held(1, _store.Clock.GetUtcNow()));
        await _store.Events.HoldAsync([second]).InTime();

        await Sweep(byEvent, through: third);

        Assert.Empty(await Due());
        Assert.Equal(0, _store.Events.Waiting(Pager.Id));
        Assert.Equal(0, await _store.Count("SELECT COUNT(*) FROM held"));
        Assert.Contains((Made.Key("a"), false), _store.Sink.HasKeys);
    }

    [Fact]
    public async Task A_dead_letter_that_blocks_its_key_ends_and_the_next_one_goes_on()
    {
        var (first, second) = (await Accept("a", Age), await Accept("a", null));
        await _store.Record(first, DeliveryOutcome.DeadLetter() with { NextTryAt = _store.Clock.GetUtcNow().AddHours(1), Blocks = true });
        await _store.Events.HoldAsync([second]).InTime();
        Assert.Empty(await Due());

        await Sweep(byEvent: true, through: first);

        Assert.Equal([second.EventSequence], await Due());
        Assert.Equal(0, await _store.Count("SELECT COUNT(*) FROM dead_letters WHERE blocks IS NOT NULL"));
    }

    [Fact]
    public async Task An_end_without_an_attempt_lets_the_next_one_go()
    {
        var (first, second) = (await Accept("a", Age), await Accept("a", null));
        await _store.Record(first, DeliveryOutcome.Held(1, _store.Clock.GetUtcNow()));
        await _store.Events.HoldAsync([second]).InTime();
        var held = (await _store.Due(Pager.Id))[0];

        await _store.Events.ExpireAsync(Shipment.Of(held), Waiting.Cancellation);

        await Waiting.Until(() => _store.Events.Held(Pager.Id) == 1);
        Assert.Equal([second.EventSequence], await Due());
    }

    private async Task<Delivery> Accept(string key, TimeSpan? age)
    {
        if (_expiry is null)
        {
            await _store.Open("pager");
            _expiry = new SqlExpiry(_store.Events);
        }

        // Each is accepted later than the one before, so that an age tells them apart.
        _store.Clock.Advance(TimeSpan.FromSeconds(1));
        var now = _store.Clock.GetUtcNow();
        await _store.Accept([Made.Event() with { Source = key, AcceptedAt = now, ExpiresAt = now + age }], [Pager]);
        return _store.Sink.Told[^1];
    }

    private async Task Sweep(bool byEvent, Delivery through)
    {
        _store.Clock.Advance(Age);
        var step = byEvent ? await _expiry!.SweepEventsAsync(_store.Clock.GetUtcNow()) : await _expiry!.SweepEndpointAsync(Pager.Id, through.Event.AcceptedAt);
        Assert.True(step.IsLast);
    }

    private async Task<IEnumerable<long>> Due() => (await _store.Due(Pager.Id)).Select(static held => held.EventSequence);
}
