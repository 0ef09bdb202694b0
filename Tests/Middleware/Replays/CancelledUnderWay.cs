using Middleware.Events;

namespace Tests.Middleware.Replays;

/// <summary>The cancellation of a replay of which deliveries are under way: in the store that delivers, or in that of another replica.</summary>
internal static class CancelledUnderWay
{
    /// <summary>A delivery under way is left to its worker, and nothing else is owed.</summary>
    public static async Task IsLeftAsync(DurableStore delivering, DurableStore cancelling)
    {
        await delivering.Fail(3);
        var replay = await delivering.Start(Asked.AllDeadLetters);
        await delivering.RunAll();
        var pending = await delivering.Pending();
        Assert.True(await delivering.Events.TryBeginAsync(pending[1], Waiting.Cancellation));

        await cancelling.Replays.CancelAsync(replay.Id, Actor.Service);

        Assert.Equal(("Cancelled", 1, 1), cancelling.Progress(replay));
        Assert.Equal(pending[1].Event.Id, Assert.Single(await delivering.Pending()).Event.Id);
        Assert.False(await delivering.Events.TryBeginAsync(pending[0], Waiting.Cancellation));

        await delivering.Answer(200, priority: Priority.Background);
        Assert.Equal(("Cancelled", 1, 0), cancelling.Progress(replay));
        Assert.Equal(2, await cancelling.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
        Assert.Equal(4, await cancelling.Count("SELECT COUNT(*) FROM attempts"));
    }

    /// <summary>A delivery that waits again, before or after the cancellation, is taken back and not sent again.</summary>
    /// <param name="delivering">The store of the replica that delivers.</param>
    /// <param name="cancelling">That of the one that cancels.</param>
    /// <param name="isBefore">True when it waits again before the cancellation.</param>
    /// <param name="untilBack">Completes when the one that cancels sees that it waits again.</param>
    public static async Task IsTakenBackAsync(DurableStore delivering, DurableStore cancelling, bool isBefore, Func<Task> untilBack)
    {
        await delivering.Fail(1);
        var replay = await delivering.Start(Asked.AllDeadLetters);
        await delivering.RunAll();
        var pending = Assert.Single(await delivering.Pending());
        Assert.True(await delivering.Events.TryBeginAsync(pending, Waiting.Cancellation));
        if (isBefore)
        {
            delivering.Events.GiveBack(pending);
            await untilBack();
            await cancelling.Replays.CancelAsync(replay.Id, Actor.Service);
            Assert.Equal(("Cancelled", 0, 0), cancelling.Progress(replay));
        }
        else
        {
            await cancelling.Replays.CancelAsync(replay.Id, Actor.Service);
            delivering.Events.GiveBack(pending);
        }

        Assert.False(await delivering.Events.TryBeginAsync(pending, Waiting.Cancellation));

        Assert.Empty(await cancelling.Pending());
        Assert.Equal(("Cancelled", 0, 0), cancelling.Progress(replay));
        Assert.Equal(1, await cancelling.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }
}
