using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Clears the deliveries to deleted endpoints, in the writer's transaction.</summary>
internal static class DeletedEndpoints
{
    /// <summary>The dead letters with a planned attempt that one step looks at, of any endpoint.</summary>
    private const int DeadLettersAtOnce = 2_000;

    public static bool HasPending(WriteTransaction transaction, long endpoint)
    {
        using var read = transaction.Connection.Prepare("SELECT 1 WHERE EXISTS (SELECT 1 FROM pending WHERE endpoint = ?1) OR EXISTS (SELECT 1 FROM held WHERE endpoint = ?1)");
        return read.Bind(1, endpoint).Scalar() is not null;
    }

    /// <summary>
    /// Takes a deletion a step further. It makes dead letters of the endpoint's pending deliveries, has its other dead letters wait for an operator,
    /// and then forgets it. Null when no deletion is left.
    /// </summary>
    /// <param name="transaction">The writer's.</param>
    /// <param name="limit">The most deliveries that become dead letters.</param>
    /// <param name="at">The place up to which the dead letters were looked at.</param>
    public static ClearedStep? Clear(WriteTransaction transaction, int limit, ClearingCursor at)
    {
        var connection = transaction.Connection;
        using var find = connection.Prepare("SELECT endpoint FROM registrations WHERE is_deleted = 1 LIMIT 1");
        if (find.Scalar() is not { } endpoint)
        {
            return null;
        }

        var given = GiveUp(transaction, endpoint, limit);
        if (given > 0)
        {
            return new ClearedStep(given, at, endpoint, IsLast: false);
        }

        var from = at.Endpoint == endpoint ? at : new ClearingCursor(endpoint, long.MinValue, 0);
        var through = Rest(connection, from);

        // A damaged time reads as another than it is sorted by: the cursor never goes back.
        if ((through.NextRetryAt, through.DeadLetter).CompareTo((from.NextRetryAt, from.DeadLetter)) > 0)
        {
            return new ClearedStep(0, through, endpoint, IsLast: false);
        }

        using var unblock = connection.Prepare(
            """
            UPDATE dead_letters SET blocks = NULL WHERE no IN (SELECT no FROM dead_letters WHERE endpoint = ?1 AND blocks IS NOT NULL LIMIT ?2)
            """);
        unblock.Bind(1, endpoint).Bind(2, DeadLettersAtOnce).Run();
        if (unblock.Changes == DeadLettersAtOnce)
        {
            return new ClearedStep(0, through, endpoint, IsLast: false);
        }

        foreach (var table in (string[])["batches", "registrations"])
        {
            using var forget = connection.Prepare($"DELETE FROM {table} WHERE endpoint = ?1");
            forget.Bind(1, endpoint).Run();
        }

        return new ClearedStep(0, default, endpoint, IsLast: true);
    }

    /// <summary>
    /// Has the next dead letters wait for an operator, and returns the place it reached. Only those with a planned attempt are in the index that it
    /// walks.
    /// </summary>
    private static ClearingCursor Rest(ISqlConnection connection, ClearingCursor after)
    {
        var (through, found) = (after, new List<long>());
        using var planned = connection.Prepare(
            """
            SELECT next_retry_at, no, endpoint FROM dead_letters WHERE next_retry_at = ?1 AND no > ?2
            UNION ALL
            SELECT next_retry_at, no, endpoint FROM dead_letters WHERE next_retry_at > ?1
            ORDER BY 1, 2 LIMIT ?3
            """);
        planned.Bind(1, after.NextRetryAt).Bind(2, after.DeadLetter).Bind(3, DeadLettersAtOnce).ForEach(row =>
        {
            through = new ClearingCursor(after.Endpoint, Column.Number(row, 0), Column.Number(row, 1));
            if (Column.Number(row, 2) == after.Endpoint)
            {
                found.Add(through.DeadLetter);
            }
        });

        using var rest = connection.Prepare("UPDATE dead_letters SET next_retry_at = NULL WHERE no = ?1");
        foreach (var number in found)
        {
            rest.Bind(1, number).Run();
        }

        return through;
    }

    /// <summary>An endpoint of which nothing is left but pending or held deliveries; null for none.</summary>
    public static long? FindLeft(ISqlConnection connection)
    {
        using var find = connection.Prepare(
            """
            SELECT no FROM endpoints n
            WHERE NOT EXISTS (SELECT 1 FROM registrations WHERE endpoint = n.no)
                AND (EXISTS (SELECT 1 FROM pending WHERE endpoint = n.no) OR EXISTS (SELECT 1 FROM held WHERE endpoint = n.no)) LIMIT 1
            """);
        return find.Scalar();
    }

    /// <summary>Makes dead letters of the deliveries to such an endpoint, unless it is registered anew meanwhile.</summary>
    public static int GiveUpLeft(WriteTransaction transaction, long endpoint, int limit)
    {
        // All changes of endpoints take this lock.
        transaction.Connection.LockForTransaction(AuditRows.Part);
        using var find = transaction.Connection.Prepare("SELECT 1 FROM registrations WHERE endpoint = ?1");
        return find.Bind(1, endpoint).Scalar() is null ? GiveUp(transaction, endpoint, limit) : 0;
    }

    /// <summary>Makes dead letters of pending deliveries to an endpoint, at most so many, and returns their number.</summary>
    public static int GiveUp(WriteTransaction transaction, long endpoint, int limit)
    {
        var rows = new List<(Priority Priority, long Sequence, long Event, long? HeldKey)>();
        using var read = transaction.Connection.Prepare("SELECT priority, seq, COALESCE(event, seq) FROM pending WHERE endpoint = ?1 LIMIT ?2");
        read.Bind(1, endpoint).Bind(2, (long)limit)
            .ForEach(row => rows.Add((Column.Priority(row, 0), Column.Number(row, 1), Column.Number(row, 2), null)));
        using var held = transaction.Connection.Prepare("SELECT priority, seq, key_hash FROM held WHERE endpoint = ?1 LIMIT ?2");
        held.Bind(1, endpoint).Bind(2, (long)(limit - rows.Count))
            .ForEach(row => rows.Add((Column.Priority(row, 0), Column.Number(row, 1), Column.Number(row, 1), Column.Number(row, 2))));
        foreach (var (priority, sequence, eventSequence, heldKey) in rows)
        {
            transaction.Unsent.GiveUp(endpoint, priority, sequence, eventSequence, FailureReason.EndpointDeleted, heldKey);
        }

        return rows.Count;
    }
}

/// <summary>
/// The place up to which the dead letters of a deleted endpoint are cleared: in order of their next attempts, and of their numbers.
/// </summary>
internal readonly record struct ClearingCursor(long Endpoint, long NextRetryAt, long DeadLetter);

/// <summary>A step of a deletion.</summary>
/// <param name="GivenUp">The deliveries that became dead letters.</param>
/// <param name="At">The place of the next step.</param>
/// <param name="Endpoint">The number of the endpoint.</param>
/// <param name="IsLast">True when nothing of it is left.</param>
internal sealed record ClearedStep(int GivenUp, ClearingCursor At, long Endpoint, bool IsLast);
