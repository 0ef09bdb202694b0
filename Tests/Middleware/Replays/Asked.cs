using Middleware.Events;
using Middleware.Replays;

namespace Tests.Middleware.Replays;

/// <summary>The orders of the tests, and their progress.</summary>
internal static class Asked
{
    public static readonly ReplayOrder AllDeadLetters = new() { Of = ReplaySubject.DeadLetters, Filter = new ReplaySelection() };
    public static readonly ReplayOrder AllEvents = new() { Of = ReplaySubject.Events, Filter = new ReplaySelection() };

    public static async Task<BulkReplay> Start(this DurableStore store, ReplayOrder order)
    {
        var replay = await store.Replays.AddAsync(order, store.Replays.Count(order, store.Has), mostRunning: 20, Actor.Service);
        return replay!;
    }

    /// <summary>Starts a replay and takes it as far as it goes at this time.</summary>
    public static async Task<BulkReplay> StartAndRun(this DurableStore store, ReplayOrder order)
    {
        var replay = await store.Start(order);
        await store.RunAll();
        return replay;
    }

    /// <summary>Delivers so many of what replays queued, and takes the replays further.</summary>
    public static async Task DeliverAndRun(this DurableStore store, int count = int.MaxValue)
    {
        await store.Answer(200, priority: Priority.Background, count: count);
        await store.RunAll();
    }

    public static (string State, long Queued, int Waiting) Progress(this DurableStore store, BulkReplay replay)
    {
        var found = store.Replays.Find(replay.Id)!;
        return (found.State.ToString(), found.Queued, found.Waiting);
    }
}
