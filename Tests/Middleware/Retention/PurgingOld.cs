using System.Text;
using Middleware.Accepting;
using Middleware.Events;
using Middleware.Storage.Sql;
using Tests.Middleware.Replays;

namespace Tests.Middleware.Retention;

[Trait("Store", "Any")]
public sealed class PurgingOld() : OnADurableStore("default")
{
    private const string Rest = "SELECT (SELECT COUNT(*) FROM events) * 10000 + (SELECT COUNT(*) FROM attempts) * 100 + (SELECT COUNT(*) FROM dead_letters)";

    [Fact]
    public async Task Resolved_events_go_with_their_attempts_when_they_are_old()
    {
        await Store.Accept(3);
        await Store.Answer(200);
        Store.Clock.Advance(TimeSpan.FromDays(4));
        await Store.Accept(2);
        await Store.Answer(200);

        await Store.PurgeAfter(TimeSpan.FromDays(3));
        Assert.Equal(50500, await Store.Count(Rest));

        await Store.PurgeAfter(TimeSpan.FromMinutes(1));
        Assert.Equal(20200, await Store.Count(Rest));

        await Store.PurgeAfter(TimeSpan.FromDays(4));
        Assert.Equal(0, await Store.Count(Rest));
    }

    [Fact]
    public async Task A_dead_letter_that_was_young_goes_soon_after_a_short_retention()
    {
        using var store = await new DurableStore { Retention = new(TimeSpan.FromDays(7), TimeSpan.FromMinutes(1)) }.Open("default");
        await store.Fail(1);
        await store.Purge.ExecuteAsync(Waiting.Cancellation);
        Assert.Equal(1, await store.Count("SELECT COUNT(*) FROM dead_letters"));

        await store.PurgeAfter(TimeSpan.FromMinutes(2));

        Assert.Equal(0, await store.Count("SELECT COUNT(*) FROM dead_letters"));
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task Nothing_of_what_was_purged_is_left_in_the_file()
    {
        await Store.Accept(20, "canary-of-the-purged");
        await Store.Answer(200);
        await Store.Accept(1, "canary-of-the-kept");
        await Store.Reopen();
        Assert.True(FileHas("canary-of-the-purged"));

        await Store.PurgeAfter(TimeSpan.FromDays(8));

        // What is committed is in the log first, and in the database once the store is closed.
        await Store.Reopen();
        Assert.False(FileHas("canary-of-the-purged"));
        Assert.True(FileHas("canary-of-the-kept"));

        bool FileHas(string text) => File.ReadAllBytes(Store.DatabasePath).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    }

    [Fact]
    public async Task What_is_not_resolved_stays_however_old_it_is()
    {
        using var store = await new DurableStore { Retention = new(TimeSpan.FromDays(7), TimeSpan.FromDays(3650)) }.Open("default");
        await store.Fail(2);
        var replayed = await store.Accept(1);
        await store.Answer(200);
        await store.History.ReplayAsync(replayed[0].Id, null, "r-1", static _ => true, Actor.Service, Waiting.Cancellation);
        await store.Accept(1);

        await store.PurgeAfter(TimeSpan.FromDays(365));
        Assert.Equal(40302, await store.Count(Rest));

        await store.Answer(200);
        await store.Answer(200, priority: Priority.Background);
        await store.PurgeAfter(TimeSpan.FromHours(1));
        Assert.Equal(20202, await store.Count(Rest));
    }

    [Fact]
    public async Task Dead_letters_go_when_they_are_old_and_their_events_with_them()
    {
        await Store.Fail(250);
        await Store.Count("UPDATE dead_letters SET state = 2, discarded_by = 'jane' WHERE no <= 10");
        await Store.Count("UPDATE dead_letters SET next_retry_at = 1 WHERE no = 20");
        await Store.Count("UPDATE dead_letters SET state = 1 WHERE no = 21");

        await Store.PurgeAfter(TimeSpan.FromDays(8));
        Assert.Equal(240, await Store.Count("SELECT COUNT(*) FROM events"));

        await Store.PurgeAfter(TimeSpan.FromDays(23));

        Assert.Equal(20202, await Store.Count(Rest));
        Assert.Equal(2021, await Store.Count("SELECT MIN(no) * 100 + MAX(no) FROM dead_letters"));
    }

    [Fact]
    public async Task A_number_is_not_used_again_when_everything_was_purged()
    {
        await Store.Accept(10);
        await Store.Answer(200);
        var last = Store.Sink.LastSequence;

        await Store.PurgeAfter(TimeSpan.FromDays(8));
        Assert.Equal(0, await Store.Count(Rest));
        await Store.Reopen();
        await Store.Accept(1);

        Assert.True(Store.Sink.LastSequence > last);
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task The_space_in_the_file_is_used_again()
    {
        var sizes = new List<long>();
        for (var round = 0; round < 6; round++)
        {
            await Store.Accept(2_000);
            await Store.Answer(200);
            await Store.PurgeAfter(TimeSpan.FromDays(8));
            sizes.Add(await Store.Count("SELECT page_count FROM pragma_page_count"));
        }

        // Each round would add as much again. Ids are random, so that a page more or less is needed for the same rows.
        Assert.InRange(sizes.Max(), sizes[0], sizes[0] + (sizes[0] / 20));
    }

    [Fact]
    public async Task Kept_answers_and_ended_replays_go_when_they_have_expired()
    {
        for (var number = 0; number < 450; number++)
        {
            await Store.Events.AcceptAsync([new RoutedEvent(Made.Event(), [])], new IdempotencyClaim("r", $"k{number}", new byte[32]), Waiting.Cancellation);
        }

        var ended = await Store.Start(Asked.AllEvents);
        await Store.Replays.CancelAsync(ended.Id, Actor.Service);
        var running = await Store.Start(Asked.AllEvents);

        await Store.PurgeAfter(TimeSpan.FromHours(24) - TimeSpan.FromTicks(10));
        Assert.Equal(450, await Store.Count("SELECT COUNT(*) FROM idempotency"));

        await Store.PurgeAfter(TimeSpan.FromTicks(10));
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM idempotency"));
        Assert.NotNull(Store.Replays.Find(ended.Id));

        await Store.PurgeAfter(TimeSpan.FromDays(30));
        Assert.Null(Store.Replays.Find(ended.Id));
        Assert.NotNull(Store.Replays.Find(running.Id));
    }

    [Fact]
    public async Task An_event_that_is_replayed_while_it_is_looked_for_stays()
    {
        var accepted = await Store.Accept(2);
        var (first, last) = (await Store.Count("SELECT MIN(seq) FROM events"), Store.Sink.LastSequence);
        await Store.Answer(200);
        await Store.History.ReplayAsync(accepted[0].Id, null, "r-1", static _ => true, Actor.Service, Waiting.Cancellation);

        var purged = await Store.Events.ChangeAsync(transaction => Purge.Events(transaction, [first, last]));

        Assert.Equal(1, purged);
        Assert.Equal(first, await Store.Count("SELECT seq FROM events"));
    }
}
