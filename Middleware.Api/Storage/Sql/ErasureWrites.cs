using System.Text;
using Middleware.Erasing;
using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>Erases events, in the writer's transaction.</summary>
internal static class ErasureWrites
{
    /// <summary>Null for an event that is not known.</summary>
    public static ErasedEvent? Erase(WriteTransaction transaction, Guid id, DataKeys? keys)
    {
        (long Sequence, string CorrelationId)? found = null;
        using var find = transaction.Connection.Prepare("SELECT seq, correlation_id FROM events WHERE id = ?1");
        find.Bind(1, id.ToByteArray(bigEndian: true)).ForEach(row => found = (Column.Number(row, 0), Column.Text(row, 1)));
        if (found is not var (sequence, correlationId))
        {
            return null;
        }

        var before = transaction.Erased.Count;
        var isNew = Erase(transaction, sequence, keys);
        return new ErasedEvent(correlationId, transaction.Erased.Count - before, isNew);
    }

    /// <summary>False for an event that is gone, or was erased before.</summary>
    public static bool Erase(WriteTransaction transaction, long sequence, DataKeys? keys)
    {
        var connection = transaction.Connection;
        (Guid Id, Priority Priority, string? Claim)? found = null;
        using var find = connection.Prepare("SELECT id, priority, claim FROM events WHERE seq = ?1 AND erased_at IS NULL");
        find.Bind(1, sequence).ForEach(row => found = (Column.Id(row, 0), Column.Priority(row, 1), Column.TextOrNull(row, 2)));
        if (found is not var (id, priority, claim))
        {
            return false;
        }

        using var payload = connection.Prepare("UPDATE events SET payload = ?3, claim = NULL, erased_at = ?2 WHERE seq = ?1");
        payload.Bind(1, sequence).Bind(2, StoredTime.From(transaction.Now)).Bind(3, ReadOnlySpan<byte>.Empty).Run();
        using var responses = connection.Prepare("UPDATE attempts SET response = NULL, sealed = NULL WHERE seq = ?1 AND (response IS NOT NULL OR sealed IS NOT NULL)");
        responses.Bind(1, sequence).Run();
        if (claim is not null)
        {
            DropAnswer(transaction, claim, id, keys);
        }

        EndDeliveries(transaction, sequence, priority);
        return true;
    }

    /// <summary>Ends what is pending, and the dead letters that may be queued again.</summary>
    private static void EndDeliveries(WriteTransaction transaction, long sequence, Priority priority)
    {
        var connection = transaction.Connection;
        var pending = new List<(long Endpoint, Priority Priority, long Sequence, long? HeldKey)>();
        using var find = connection.Prepare(
            """
            SELECT h.endpoint, h.priority, h.seq, h.key_hash FROM held h WHERE h.seq = ?1
            UNION ALL SELECT p.endpoint, p.priority, p.seq, NULL FROM endpoints n CROSS JOIN pending p ON p.endpoint = n.no AND p.priority IN (?2, 4) AND p.seq = ?1
            UNION ALL SELECT p.endpoint, p.priority, p.seq, NULL FROM pending p WHERE p.event = ?1
            """);
        find.Bind(1, sequence).Bind(2, (long)priority).ForEach(row =>
            pending.Add((Column.Number(row, 0), Column.Priority(row, 1), Column.Number(row, 2), Column.IsNull(row, 3) ? null : Column.Number(row, 3))));

        // A delivery without an attempt is known by this row alone.
        using var add = connection.Prepare(
            """
            INSERT INTO dead_letters (event, endpoint, state, reason, failures, first_dead_at, dead_at) VALUES (?1, ?2, 1, ?3, 0, ?4, ?4)
            ON CONFLICT (event, endpoint) DO NOTHING
            """);
        foreach (var delivery in pending)
        {
            transaction.Unsent.EndErased(delivery.Endpoint, delivery.Priority, delivery.Sequence, delivery.HeldKey);
            add.Bind(1, sequence).Bind(2, delivery.Endpoint).Bind(3, FailureReason.Erased).Bind(4, StoredTime.From(transaction.Now)).Run();
        }

        using var end = connection.Prepare(
            """
            UPDATE dead_letters SET state = 4, next_retry_at = NULL WHERE event = ?1 AND state IN (0, 1)
            RETURNING (SELECT id FROM endpoints WHERE no = endpoint), endpoint
            """);
        var ended = new List<long>();
        end.Bind(1, sequence).ForEach(row =>
        {
            transaction.Erased.Add(Column.Endpoint(row, 0));
            ended.Add(Column.Number(row, 1));
        });
        ended.ForEach(endpoint => transaction.Unblock(endpoint, sequence));

        // A short key can be guessed from its hash.
        using var keys = connection.Prepare("UPDATE dead_letters SET key_hash = NULL WHERE event = ?1 AND key_hash IS NOT NULL");
        keys.Bind(1, sequence).Run();
    }

    /// <summary>Drops the kept answers that name the event, by the key of its request on whatever route that was.</summary>
    private static void DropAnswer(WriteTransaction transaction, string key, Guid id, DataKeys? keys)
    {
        var connection = transaction.Connection;
        var routes = new List<string>();
        using var find = connection.Prepare(
            """
            WITH RECURSIVE routes (route) AS (
                SELECT MIN(route) FROM idempotency
                UNION ALL
                SELECT (SELECT MIN(i.route) FROM idempotency i WHERE i.route > r.route) FROM routes r WHERE r.route IS NOT NULL)
            SELECT i.route, i.answer FROM routes r JOIN idempotency i ON i.route = r.route AND i.key = ?1
            """);
        find.Bind(1, key).ForEach(row =>
        {
            var route = Column.Text(row, 0);
            var answer = DataKeys.Open(keys, SealedRow.KeptAnswer(route, key), Column.Bytes(row, 1));
            if (answer is not null && (answer.AsSpan().IndexOf(id.ToByteArray(bigEndian: true)) >= 0 || answer.AsSpan().IndexOf(Encoding.ASCII.GetBytes(id.ToString("n"))) >= 0))
            {
                routes.Add(route);
            }
        });

        using var drop = connection.Prepare("DELETE FROM idempotency WHERE route = ?1 AND key = ?2");
        routes.ForEach(route => drop.Bind(1, route).Bind(2, key).Run());
    }
}
