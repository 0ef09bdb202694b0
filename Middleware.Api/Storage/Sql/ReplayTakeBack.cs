using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Takes queued deliveries of a replay back, in the transaction that cancels it.</summary>
internal static class ReplayTakeBack
{
    /// <summary>Leaves deliveries under way to their workers. A dead letter is as it was before it was queued, its next attempt included.</summary>
    public static bool Run(WriteTransaction transaction, string replay)
    {
        var connection = transaction.Connection;
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

        using var count = connection.Prepare("UPDATE replays SET queued = queued - ?2 WHERE id = ?1");
        count.Bind(1, replay).Bind(2, (long)waiting.Count).Run();
        return waiting.Count > 0;
    }

    /// <summary>
    /// Marks a delivery as under way for all replicas. False when it is owed no more: it has ended, or its replay was cancelled. The rest of a cancelled one is taken back
    /// then.
    /// </summary>
    public static bool TryBegin(WriteTransaction transaction, long endpoint, long sequence, string replay)
    {
        var connection = transaction.Connection;
        using var begin = connection.Prepare(
            """
            UPDATE pending SET begun = TRUE
            WHERE endpoint = ?1 AND priority = -1 AND seq = ?2 AND NOT EXISTS (SELECT 1 FROM replays WHERE id = ?3 AND state = 2)
            """);
        begin.Bind(1, endpoint).Bind(2, sequence).Bind(3, replay).Run();
        if (begin.Changes == 1)
        {
            return true;
        }

        using var cancelled = connection.Prepare("SELECT 1 FROM replays WHERE id = ?1 AND state = 2");
        if (cancelled.Bind(1, replay).Scalar() is not null)
        {
            // It was under way when its replay was cancelled, and came back.
            GiveBack(transaction, endpoint, sequence);
            Run(transaction, replay);
        }

        return false;
    }

    /// <summary>Notes for all replicas that a delivery waits again.</summary>
    public static bool GiveBack(WriteTransaction transaction, long endpoint, long sequence)
    {
        using var end = transaction.Connection.Prepare("UPDATE pending SET begun = FALSE WHERE endpoint = ?1 AND priority = -1 AND seq = ?2 AND begun");
        end.Bind(1, endpoint).Bind(2, sequence).Run();
        return end.Changes == 1;
    }

    private static List<(long Endpoint, long Event)> Take(WriteTransaction transaction, string replay)
    {
        var waiting = new List<(long Endpoint, long Sequence, long Event)>();
        using var find = transaction.Connection.Prepare("SELECT endpoint, seq, event FROM pending WHERE replay = ?1");
        find.Bind(1, replay).ForEach(row => waiting.Add((Column.Number(row, 0), Column.Number(row, 1), Column.Number(row, 2))));
        waiting.RemoveAll(delivery => transaction.IsUnderWay(delivery.Sequence));
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
