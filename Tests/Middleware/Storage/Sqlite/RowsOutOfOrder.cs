using Middleware.Events;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Storage.Sqlite;

[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public sealed class RowsOutOfOrder : IAsyncLifetime
{
    private readonly StoreStage _stage = new();

    public async ValueTask InitializeAsync() => await _stage.OpenAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory(Timeout = StoreStage.TestLimit)]
    [InlineData("UPDATE events SET id = x'00' WHERE seq = (SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET 2)", 1)]
    [InlineData("UPDATE events SET priority = 77 WHERE seq = (SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET 2)", 1)]
    [InlineData("UPDATE events SET accepted_at = 9223372036854775807 WHERE seq = (SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET 2)", 1)]
    [InlineData("DELETE FROM events WHERE seq = (SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET 2)", 1)]
    [InlineData("UPDATE events SET payload = x'' WHERE seq = (SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET 2)", 1)]
    [InlineData("UPDATE events SET id = x'00' || CAST(seq AS BLOB) WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT 1500)", 1_500)]
    public async Task What_cannot_be_read_is_a_dead_letter_and_its_lane_goes_on(string damage, int unreadable)
    {
        await LeaveAsync(1_510);
        _stage.Execute(damage);

        await _stage.OpenAsync();
        await _stage.UntilDoneAsync();

        Assert.Equal(1_510 - unreadable, _stage.Receiver.Sent.Count);
        Assert.Equal(unreadable, _stage.Number("SELECT COUNT(*) FROM dead_letters WHERE reason = 'unreadable' AND next_retry_at IS NULL"));
        Assert.Equal(0, _stage.Number("SELECT COUNT(*) FROM pending"));
        await Waiting.Until(() => Gauges.Read<long>(_stage.Meters, "integration.deadletters", "reason").GetValueOrDefault("unreadable") == unreadable);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task What_is_owed_to_an_endpoint_that_is_gone_waits_until_it_is_back()
    {
        var ids = await _stage.AcceptAsync(10, endpoint: "other");
        await _stage.AcceptAsync();
        await _stage.UntilDoneAsync();
        Assert.Equal(10, _stage.Number("SELECT COUNT(*) FROM pending"));
        await _stage.CloseAsync();

        await _stage.OpenAsync(endpoint: "other");
        await _stage.UntilDoneAsync("other");

        Assert.Equal(ids, _stage.Receiver.Sent.Where(static sent => sent.EndpointId.Value == "other").OrderBy(static sent => sent.Sequence).Select(static sent => sent.Event.Id));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_dead_letter_that_is_due_for_an_endpoint_that_is_gone_does_not_stop_the_store()
    {
        await _stage.CloseAsync();
        await _stage.OpenAsync(endpoint: "other");
        await _stage.AcceptAsync("other");
        await _stage.UntilDoneAsync("other");
        await _stage.CloseAsync();
        _stage.Execute(
            """
            INSERT INTO dead_letters (event, endpoint, state, reason, failures, first_dead_at, dead_at, next_retry_at)
            SELECT seq, (SELECT no FROM endpoints WHERE id = 'other'), 0, 'http_500', 1, 0, 0, 0 FROM events
            """);

        await _stage.OpenAsync();
        Assert.Equal(1, await _stage.Store.QueueDueAsync(_stage.Clock.GetUtcNow(), 10, TestContext.Current.CancellationToken));
        await _stage.AcceptAsync();
        await _stage.UntilDoneAsync();
        await _stage.CloseAsync();

        await _stage.OpenAsync(endpoint: "other");
        await Waiting.WithinTheTest(() => _stage.Number("SELECT COUNT(*) FROM pending") == 0);
        Assert.Equal(Priority.Background, _stage.Receiver.Sent[^1].Priority);
        Assert.Equal(3, _stage.Receiver.Sent.Count);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    [Trait("Store", "Sqlite")]
    public async Task Numbers_are_not_used_again_after_everything_was_purged()
    {
        await _stage.AcceptAsync(5);
        await _stage.UntilDoneAsync();
        await _stage.CloseAsync();
        _stage.Execute("DELETE FROM attempts; UPDATE counters SET value = 5 WHERE name = 'last_purged_seq'; DELETE FROM events");

        await _stage.OpenAsync();
        await _stage.AcceptAsync();
        await _stage.UntilDoneAsync();

        Assert.Equal(6, _stage.Receiver.Sent[^1].Sequence);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_clock_that_jumps_a_day_either_way_loses_and_repeats_nothing()
    {
        _stage.Receiver.Hold();
        var ids = new List<Guid>();
        foreach (var jump in new[] { 1, -2, 1, 0 })
        {
            ids.AddRange(await _stage.AcceptAsync(20, priority: Priority.High));
            ids.AddRange(await _stage.AcceptAsync(20));
            _stage.Clock.AdjustTime(_stage.Clock.GetUtcNow().AddDays(jump));
        }

        await _stage.CloseAsync();
        var held = _stage.Receiver.Sent.Count;
        await _stage.OpenAsync();
        _stage.Clock.AdjustTime(_stage.Clock.GetUtcNow().AddDays(-1));
        _stage.Receiver.Release();
        await _stage.UntilDoneAsync();

        Assert.Equal(ids.Order(), _stage.Receiver.Sent.Skip(held).Select(static sent => sent.Event.Id).Order());
        Assert.Equal(ids.Count, _stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(ids.Count, _stage.Number("SELECT COUNT(DISTINCT seq) FROM events"));
    }

    /// <summary>Leaves so many events pending in a closed store.</summary>
    private async Task LeaveAsync(int count)
    {
        await _stage.AcceptAsync(count, endpoint: "other");
        await _stage.CloseAsync();
        _stage.Execute("UPDATE endpoints SET id = 'default' WHERE id = 'other'");
        Assert.Equal(count, _stage.Number("SELECT COUNT(*) FROM pending"));
    }
}
