using Middleware.Domain;

namespace Middleware.Storage.Sqlite;

/// <summary>What becomes of what is owed to endpoints that were deleted. In the writer's transaction.</summary>
internal static class DeletedEndpoints
{
    public static bool HasPending(WriteTransaction transaction, long endpoint)
    {
        using var read = new Statement(transaction.Statements.Connection, "SELECT 1 FROM pending WHERE endpoint = ?1 LIMIT 1");
        return read.Bind(1, endpoint).Scalar() is not null;
    }

    /// <summary>From now on nothing becomes pending for it.</summary>
    public static void Close(WriteTransaction transaction, long endpoint)
    {
        transaction.CloseEndpoint(endpoint);
        using var rest = new Statement(
            transaction.Statements.Connection, "UPDATE dead_letters SET next_retry_at = NULL WHERE endpoint = ?1 AND next_retry_at IS NOT NULL");
        rest.Bind(1, endpoint).Run();
    }

    /// <summary>Makes dead letters of what is pending for one that was deleted; false when there is no such endpoint left.</summary>
    public static bool Clear(WriteTransaction transaction, int limit)
    {
        var connection = transaction.Statements.Connection;
        using var find = new Statement(connection, "SELECT endpoint FROM registrations WHERE is_deleted = 1 LIMIT 1");
        if (find.Scalar() is not { } endpoint)
        {
            return false;
        }

        var rows = new List<(Priority Priority, long Sequence, long Event)>();
        using var read = new Statement(connection, "SELECT priority, seq, COALESCE(event, seq) FROM pending WHERE endpoint = ?1 LIMIT ?2");
        read.Bind(1, endpoint).Bind(2, (long)limit)
            .ForEach(row => rows.Add((Column.Priority(row, 0), Column.Number(row, 1), Column.Number(row, 2))));
        foreach (var (priority, sequence, eventSequence) in rows)
        {
            transaction.GiveUp(endpoint, priority, sequence, eventSequence, FailureReason.EndpointDeleted);
        }

        if (rows.Count == 0)
        {
            foreach (var table in (string[])["batches", "registrations"])
            {
                using var forget = new Statement(connection, $"DELETE FROM {table} WHERE endpoint = ?1");
                forget.Bind(1, endpoint).Run();
            }
        }

        return true;
    }
}
