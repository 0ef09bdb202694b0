using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Takes queued deliveries of a replay back, in the transaction that cancels it.</summary>
internal static class ReplayTakeBack
{
    /// <summary>Leaves deliveries under way to their workers. A dead letter is as it was before it was queued, its next attempt included.</summary>
    public static bool Run(WriteTransaction transaction, string replay)
    {
        var connection = transaction.Connection;
        var held = TakeHeld(transaction, replay);
        var waiting = connection.HasReplicas ? TakeOfAll(connection, replay) : Take(transaction, replay);
        using var rest = connection.Prepare(
            """
            UPDATE dead_letters SET state = CASE WHEN reason = 'expired' THEN 5 WHEN discarded_at IS NULL THEN 0 ELSE 2 END
            WHERE event = ?1 AND endpoint = ?2 AND state = 1
            """);
        foreach (var (endpoint, eventSequence) in waiting)
        {
            rest.Bind(1, eventSequence).Bind(2, endpoint).Run();
        }

        // A dead letter that rests again blocks its key as before.
        foreach (var (endpoint, row) in held)
        {
            rest.Bind(1, row.Event).Bind(2, endpoint).Run();
            transaction.TakeBack(endpoint, row);
        }

        using var count = connection.Prepare("UPDATE replays SET queued = queued - ?2 WHERE id = ?1");
        count.Bind(1, replay).Bind(2, (long)(waiting.Count + held.Count)).Run();
        return waiting.Count + held.Count > 0;
    }

    /// <summary>
    /// Marks a delivery as under way for all replicas. False when it is owed no more: it has ended, or its replay was cancelled. The rest of a cancelled one is taken back
    /// then.
    /// </summary>
    public static bool TryBegin(WriteTransaction transaction, long endpoint, Delivery delivery, string replay)
    {
        if (Mark(transaction, endpoint, delivery, "TRUE", "NOT EXISTS (SELECT 1 FROM replays WHERE id = ?4 AND state = 2)", replay))
        {
            return true;
        }

        using var cancelled = transaction.Connection.Prepare("SELECT 1 FROM replays WHERE id = ?1 AND state = 2");
        if (cancelled.Bind(1, replay).Scalar() is not null)
        {
            // It was under way when its replay was cancelled, and came back.
            GiveBack(transaction, endpoint, delivery);
            Run(transaction, replay);
        }

        return false;
    }

    /// <summary>Notes for all replicas that a delivery waits again.</summary>
    public static bool GiveBack(WriteTransaction transaction, long endpoint, Delivery delivery) => Mark(transaction, endpoint, delivery, "FALSE", "begun AND replay = ?4", delivery.ReplayId);

    private static bool Mark(WriteTransaction transaction, long endpoint, Delivery delivery, string begun, string condition, string? replay)
    {
        if (delivery.IsHeld)
        {
            // Behind a take-back that reads the held rows.
            _ = transaction.Keys;
        }

        using var mark = transaction.Connection.Prepare(
            $"UPDATE {(delivery.IsHeld ? "held" : "pending")} SET begun = {begun} WHERE endpoint = ?1 AND {(delivery.IsHeld ? "key_hash" : "priority")} = ?2 AND seq = ?3 AND {condition}");
        mark.Bind(1, endpoint).Bind(2, delivery.IsHeld ? delivery.Key : (long)Priority.Background).Bind(3, delivery.Sequence).Bind(4, replay).Run();
        return mark.Changes == 1;
    }

    /// <summary>The held ones that are not under way; they are still to be ended.</summary>
    private static List<(long Endpoint, HeldRow Row)> TakeHeld(WriteTransaction transaction, string replay)
    {
        var connection = transaction.Connection;
        if (connection.HasReplicas)
        {
            _ = transaction.Keys;
        }

        var held = new List<(long Endpoint, HeldRow Row)>();
        using var find = connection.Prepare($"SELECT endpoint, key_hash, seq, priority FROM held WHERE replay = ?1 {(connection.HasReplicas ? "AND NOT begun" : "")}");
        find.Bind(1, replay).ForEach(row => held.Add((Column.Number(row, 0), new HeldRow(Column.Number(row, 1), Column.Number(row, 2), Column.Priority(row, 3), replay))));
        held.RemoveAll(delivery => transaction.IsUnderWay(delivery.Endpoint, delivery.Row.Event));
        return held;
    }

    private static List<(long Endpoint, long Event)> Take(WriteTransaction transaction, string replay)
    {
        var waiting = new List<(long Endpoint, long Sequence, long Event)>();
        using var find = transaction.Connection.Prepare("SELECT endpoint, seq, event FROM pending WHERE replay = ?1");
        find.Bind(1, replay).ForEach(row => waiting.Add((Column.Number(row, 0), Column.Number(row, 1), Column.Number(row, 2))));
        waiting.RemoveAll(delivery => transaction.IsUnderWay(delivery.Endpoint, delivery.Sequence));
        waiting.ForEach(delivery => transaction.Statements.DeletePending(delivery.Endpoint, Priority.Background, delivery.Sequence));
        return waiting.ConvertAll(static delivery => (delivery.Endpoint, delivery.Event));
    }

    /// <summary>The same by what all replicas have under way. A row that is locked is begun or ended just now by its owner, which sees the cancellation after that.</summary>
    private static List<(long Endpoint, long Event)> TakeOfAll(ISqlConnection connection, string replay)
    {
        var taken = new List<(long Endpoint, long Event)>();
        using var take = connection.Prepare(
            """
            DELETE FROM pending p USING (SELECT endpoint, priority, seq FROM pending WHERE replay = ?1 AND NOT begun FOR UPDATE SKIP LOCKED) w
            WHERE p.endpoint = w.endpoint AND p.priority = w.priority AND p.seq = w.seq RETURNING p.endpoint, p.event
            """);
        take.Bind(1, replay).ForEach(row => taken.Add((Column.Number(row, 0), Column.Number(row, 1))));
        return taken;
    }
}
