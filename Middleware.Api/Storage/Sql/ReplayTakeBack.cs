using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Takes queued deliveries of a replay back, in the transaction that cancels it.</summary>
internal static class ReplayTakeBack
{
    /// <summary>Leaves deliveries under way to their workers. A dead letter is as it was before it was queued, its next attempt included.</summary>
    public static bool Run(WriteTransaction transaction, string replay)
    {
        var connection = transaction.Connection;
        var waiting = new List<(long Endpoint, long Sequence, long Event)>();
        using var find = connection.Prepare("SELECT endpoint, seq, event FROM pending WHERE replay = ?1");
        find.Bind(1, replay).ForEach(row => waiting.Add((Column.Number(row, 0), Column.Number(row, 1), Column.Number(row, 2))));
        waiting.RemoveAll(delivery => transaction.IsUnderWay(delivery.Sequence));

        using var rest = connection.Prepare(
            """
            UPDATE dead_letters SET state = CASE WHEN reason = 'expired' THEN 5 WHEN discarded_at IS NULL THEN 0 ELSE 2 END
            WHERE event = ?1 AND endpoint = ?2 AND state = 1
            """);
        foreach (var (endpoint, sequence, eventSequence) in waiting)
        {
            transaction.Statements.DeletePending(endpoint, Priority.Background, sequence);
            rest.Bind(1, eventSequence).Bind(2, endpoint).Run();
        }

        using var count = connection.Prepare("UPDATE replays SET queued = queued - ?2 WHERE id = ?1");
        count.Bind(1, replay).Bind(2, (long)waiting.Count).Run();
        return waiting.Count > 0;
    }
}
