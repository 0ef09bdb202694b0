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

    public static (string State, long Queued, int Waiting) Progress(this DurableStore store, BulkReplay replay)
    {
        var found = store.Replays.Find(replay.Id)!;
        return (found.State.ToString(), found.Queued, found.Waiting);
    }
}
