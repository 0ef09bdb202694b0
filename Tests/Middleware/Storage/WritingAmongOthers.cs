using System.Diagnostics;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

/// <summary>The groups of a replica that shares its server with others: after one of many requests the next waits for company.</summary>
public sealed class WritingAmongOthers
{
    [Fact]
    public void Groups_of_many_requests_are_five_milliseconds_apart()
    {
        using var queue = new WriteQueue(TimeProvider.System, static () => true);
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(8, Take(queue, 8));

        Assert.Equal(1, Take(queue, 1));

        // The system waits for whole milliseconds.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromMilliseconds(4), TimeSpan.MaxValue);
    }

    [Fact]
    public void A_group_waits_only_within_five_milliseconds_after_one_of_many_requests()
    {
        var (clock, asked) = (new TestClock(), 0);
        using var queue = new WriteQueue(clock, () => ++asked < 0);
        Take(queue, 7);
        Take(queue, 8);
        Assert.Equal(0, asked);

        clock.Advance(TimeSpan.FromMilliseconds(5) - TimeSpan.FromTicks(1));
        Take(queue, 8);
        Assert.Equal(1, asked);

        clock.Advance(TimeSpan.FromMilliseconds(5));
        Take(queue, 1);
        Take(queue, 1);
        Assert.Equal(1, asked);
    }

    [Fact]
    public void A_change_waits_for_no_company()
    {
        var asked = 0;
        using var queue = new WriteQueue(new TestClock(), () => ++asked < 0);
        Take(queue, 8);
        queue.Add(new ChangeItem<bool>(static _ => true));

        Assert.Equal(0, Take(queue, 0));
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Outcomes_are_written_beside_requests_at_most_every_twenty_milliseconds()
    {
        var clock = new TestClock();
        using var queue = new WriteQueue(clock, static () => true);
        await AddOutcomeAsync(queue);
        Assert.Single(Next(queue).Outcomes);

        await AddOutcomeAsync(queue);
        clock.Advance(TimeSpan.FromMilliseconds(20) - TimeSpan.FromTicks(1));
        Assert.True(queue.TryAdd(new AcceptItem([], null)));
        Assert.Empty(Next(queue).Outcomes);

        clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(queue.TryAdd(new AcceptItem([], null)));
        Assert.Single(Next(queue).Outcomes);
    }

    private static int Take(WriteQueue queue, int requests)
    {
        for (var number = 0; number < requests; number++)
        {
            Assert.True(queue.TryAdd(new AcceptItem([], null)));
        }

        return Next(queue).Accepts.Count;
    }

    private static WriteGroup Next(WriteQueue queue)
    {
        var group = new WriteGroup();
        Assert.True(queue.Take(group));
        return group;
    }

    private static async Task AddOutcomeAsync(WriteQueue queue) => await queue.AddAsync(AttemptItem.Mark().Item, Waiting.Cancellation);
}
