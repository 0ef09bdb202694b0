using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Changes of dead letters, in the writer's transaction. Those of other replicas wait for it, so nothing is queued twice.</summary>
internal static class DeadLetterRows
{
    public const int Resting = 0;
    public const int Queued = 1;
    public const int Discarded = 2;

    /// <summary>True when the next retry of a dead letter is due.</summary>
    public static bool IsAnyDue(ISqlConnection connection, DateTimeOffset now)
    {
        using var find = connection.Prepare("SELECT EXISTS (SELECT 1 FROM dead_letters WHERE next_retry_at <= ?1 AND state = 0)");
        return find.Bind(1, StoredTime.From(now)).Scalar() == 1;
    }

    /// <summary>Makes due dead letters pending, the longest due first, and returns their number.</summary>
    public static int QueueDue(WriteTransaction transaction, DateTimeOffset now, int limit)
    {
        var due = new List<(long Number, long Event, long Endpoint, bool IsExpired)>();
        using var find = transaction.Connection.Prepare(
            """
            SELECT d.no, d.event, d.endpoint, (SELECT e.expires_at FROM events e WHERE e.seq = d.event)
            FROM dead_letters d WHERE d.next_retry_at <= ?1 AND d.state = 0 ORDER BY d.next_retry_at LIMIT ?2
            """);
        find.Bind(1, StoredTime.From(now)).Bind(2, limit).ForEach(row =>
            due.Add((Column.Number(row, 0), Column.Number(row, 1), Column.Number(row, 2), Column.TimeOrNull(row, 3) <= now)));

        // One of an endpoint that was deleted meanwhile rests for good.
        using var mark = transaction.Connection.Prepare("UPDATE dead_letters SET state = ?2, next_retry_at = NULL WHERE no = ?1 AND state = 0");
        foreach (var (number, eventSequence, endpoint, isExpired) in due)
        {
            if (isExpired)
            {
                transaction.Unsent.MarkExpired(eventSequence, endpoint, mayBlock: true);
                continue;
            }

            var isShut = transaction.IsShut(endpoint);
            mark.Bind(1, number).Bind(2, isShut ? Resting : Queued).Run();
            if (mark.Changes == 1 && !isShut)
            {
                transaction.Queue(endpoint, eventSequence, replayId: null);
            }
        }

        return due.Count;
    }

    /// <summary>
    /// Hands an event over to another endpoint, unless that had it or is to have it already. Where it gave the event up itself nothing is handed
    /// over. So no event goes round in a circle, whatever the endpoints were changed to meanwhile. At the end of each chain a dead letter rests, and this is
    /// false.
    /// </summary>
    public static bool HandOver(WriteTransaction transaction, long eventSequence, long endpoint, long fallback)
    {
        transaction.LockOldEvents();
        var connection = transaction.Connection;
        using var gaveUp = connection.Prepare("SELECT 1 FROM dead_letters WHERE event = ?1 AND endpoint = ?2");
        if (gaveUp.Bind(1, eventSequence).Bind(2, fallback).Scalar() is not null)
        {
            return false;
        }

        using var mark = connection.Prepare("UPDATE dead_letters SET state = 3, fallback = ?3 WHERE event = ?1 AND endpoint = ?2");
        mark.Bind(1, eventSequence).Bind(2, endpoint).Bind(3, fallback).Run();
        using var hears = connection.Prepare(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM attempts WHERE seq = ?1 AND endpoint = ?2)
                OR EXISTS (SELECT 1 FROM pending WHERE endpoint = ?2 AND priority IN (0, 1, 2, 3, 4) AND seq = ?1)
                OR EXISTS (SELECT 1 FROM pending WHERE event = ?1 AND endpoint = ?2)
                OR EXISTS (SELECT 1 FROM held WHERE seq = ?1 AND endpoint = ?2)
            """);
        if (!transaction.Statements.HasOutcome(fallback, eventSequence) && hears.Bind(1, eventSequence).Bind(2, fallback).Scalar() is null)
        {
            transaction.Queue(fallback, eventSequence, replayId: null);
        }

        return true;
    }

    /// <summary>Ends pending rows that cannot be read, as dead letters that wait for an operator, and returns their number.</summary>
    public static int AddUnreadable(WriteTransaction transaction, EndpointRow endpoint, Priority priority, IReadOnlyList<UnreadableRow> rows) =>
        rows.Count(row => transaction.Unsent.GiveUp(endpoint.Number, priority, row.Sequence, row.EventSequence, FailureReason.Unreadable, row.HeldKey));
}
