using Middleware.Events;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Storage.Sqlite;

[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public sealed class RowsOutOfOrder : OnAStage
{
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
        Stage.Execute(damage);

        await Stage.OpenAsync();
        await Stage.UntilDoneAsync();

        Assert.Equal(1_510 - unreadable, Stage.Receiver.Sent.Count);
        Assert.Equal(unreadable, Stage.Number("SELECT COUNT(*) FROM dead_letters WHERE reason = 'unreadable' AND next_retry_at IS NULL"));
        Assert.Equal(0, Stage.Number("SELECT COUNT(*) FROM pending"));
        await Waiting.Until(() => Gauges.Read<long>(Stage.Meters, "integration.deadletters", "reason").GetValueOrDefault("unreadable") == unreadable);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task What_is_owed_to_an_endpoint_that_is_gone_waits_until_it_is_back()
    {
        var ids = await Stage.AcceptAsync(10, endpoint: "other");
        await Stage.AcceptAsync();
        await Stage.UntilDoneAsync();
        Assert.Equal(10, Stage.Number("SELECT COUNT(*) FROM pending"));
        await Stage.CloseAsync();

        await Stage.OpenAsync(endpoint: "other");
        await Stage.UntilDoneAsync("other");

        Assert.Equal(ids, Stage.Receiver.Sent.Where(static sent => sent.EndpointId.Value == "other").OrderBy(static sent => sent.Sequence).Select(static sent => sent.Event.Id));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_dead_letter_that_is_due_for_an_endpoint_that_is_gone_does_not_stop_the_store()
    {
        await Stage.CloseAsync();
        await Stage.OpenAsync(endpoint: "other");
        await Stage.AcceptAsync("other");
        await Stage.UntilDoneAsync("other");
        await Stage.CloseAsync();
        Stage.Execute(
            """
            INSERT INTO dead_letters (event, endpoint, state, reason, failures, first_dead_at, dead_at, next_retry_at)
            SELECT seq, (SELECT no FROM endpoints WHERE id = 'other'), 0, 'http_500', 1, 0, 0, 0 FROM events
            """);

        await Stage.OpenAsync();
        Assert.Equal(1, await Stage.Store.QueueDueAsync(Stage.Clock.GetUtcNow(), 10, TestContext.Current.CancellationToken));
        await Stage.AcceptAsync();
        await Stage.UntilDoneAsync();
        await Stage.CloseAsync();

        await Stage.OpenAsync(endpoint: "other");
        await Waiting.WithinTheTest(() => Stage.Number("SELECT COUNT(*) FROM pending") == 0);
        Assert.Equal(Priority.Background, Stage.Receiver.Sent[^1].Priority);
        Assert.Equal(3, Stage.Receiver.Sent.Count);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    [Trait("Store", "Sqlite")]
    public async Task Numbers_are_not_used_again_after_everything_was_purged()
    {
        await Stage.AcceptAsync(5);
        await Stage.UntilDoneAsync();
        await Stage.CloseAsync();
        Stage.Execute("DELETE FROM attempts; UPDATE counters SET value = 5 WHERE name = 'last_purged_seq'; DELETE FROM events");

        await Stage.OpenAsync();
        await Stage.AcceptAsync();
        await Stage.UntilDoneAsync();

        Assert.Equal(6, Stage.Receiver.Sent[^1].Sequence);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_clock_that_jumps_a_day_either_way_loses_and_repeats_nothing()
    {
        Stage.Receiver.Hold();
        var ids = new List<Guid>();
        foreach (var jump in new[] { 1, -2, 1, 0 })
        {
            ids.AddRange(await Stage.AcceptAsync(20, priority: Priority.High));
            ids.AddRange(await Stage.AcceptAsync(20));
            Stage.Clock.AdjustTime(Stage.Clock.GetUtcNow().AddDays(jump));
        }

        await Stage.CloseAsync();
        var held = Stage.Receiver.Sent.Count;
        await Stage.OpenAsync();
        Stage.Clock.AdjustTime(Stage.Clock.GetUtcNow().AddDays(-1));
        Stage.Receiver.Release();
        await Stage.UntilDoneAsync();

        Assert.Equal(ids.Order(), Stage.Receiver.Sent.Skip(held).Select(static sent => sent.Event.Id).Order());
        Assert.Equal(ids.Count, Stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(ids.Count, Stage.Number("SELECT COUNT(DISTINCT seq) FROM events"));
    }

    /// <summary>Leaves so many events pending in a closed store.</summary>
    private async Task LeaveAsync(int count)
    {
        await Stage.AcceptAsync(count, endpoint: "other");
        await Stage.CloseAsync();
        Stage.Execute("UPDATE endpoints SET id = 'default' WHERE id = 'other'");
        Assert.Equal(count, Stage.Number("SELECT COUNT(*) FROM pending"));
    }
}
