using Middleware.Events;
using Middleware.Expiring;

namespace Middleware.Storage.Sql;

/// <summary>A pending delivery, by its key, and its event; with a hash of its key in order, a held one.</summary>
internal readonly record struct PendingRow(long Endpoint, Priority Priority, long Sequence, long Event, long? HeldKey = null);

/// <summary>An event that has expired.</summary>
internal readonly record struct ExpiredEvent(long ExpiresAt, long Event);

/// <summary>Ends expired deliveries, in the writer's transaction: rows found over other connections are judged again here.</summary>
internal static class ExpiryWrites
{
    /// <summary>Ends those of the deliveries that are still pending or held.</summary>
    public static List<ExpiredDelivery> End(WriteTransaction transaction, IEnumerable<PendingRow> rows)
    {
        var ended = new List<ExpiredDelivery>();
        using var read = transaction.Connection.Prepare("SELECT e.id, e.correlation_id, n.id FROM events e, endpoints n WHERE e.seq = ?1 AND n.no = ?2");
        foreach (var row in rows)
        {
            if (transaction.Unsent.EndExpired(row.Endpoint, row.Priority, row.Sequence, row.Event, row.HeldKey))
            {
                Note(row.Event, row.Endpoint);
            }
        }

        return ended;

        void Note(long eventSequence, long endpoint) => read.Bind(1, eventSequence).Bind(2, endpoint).ForEach(found =>
            ended.Add(new ExpiredDelivery(Column.Text(found, 1), Column.Id(found, 0), Column.Endpoint(found, 2))));
    }

    /// <summary>
    /// Ends what is pending again of events whose first deliveries have ended, and the dead letters that would be. They are swept then. Ends with the event
    /// by which <paramref name="limit"/> is reached, and returns the number of swept ones.
    /// </summary>
    public static (List<ExpiredDelivery> Ended, int Events) EndEvents(WriteTransaction transaction, IReadOnlyList<ExpiredEvent> events, int limit)
    {
        var connection = transaction.Connection;
        using var again = connection.Prepare("SELECT endpoint, seq FROM pending WHERE event = ?1 AND replay IS NULL");
        using var held = connection.Prepare("SELECT endpoint, priority, key_hash FROM held WHERE seq = ?1 AND replay IS NULL");
        using var planned = connection.Prepare("SELECT endpoint FROM dead_letters WHERE event = ?1 AND state = 0 AND next_retry_at IS NOT NULL");
        using var swept = connection.Prepare("DELETE FROM expiring WHERE expires_at = ?1 AND event = ?2");
        var rows = new List<PendingRow>();
        var (count, marked) = (0, 0);
        for (; count < events.Count && rows.Count + marked < limit; count++)
        {
            var (expiresAt, sequence) = events[count];
            again.Bind(1, sequence).ForEach(row => rows.Add(new PendingRow(Column.Number(row, 0), Priority.Background, Column.Number(row, 1), sequence)));
            held.Bind(1, sequence)
                .ForEach(row => rows.Add(new PendingRow(Column.Number(row, 0), Column.Priority(row, 1), sequence, sequence, Column.Number(row, 2))));
            var resting = new List<long>();
            planned.Bind(1, sequence).ForEach(row => resting.Add(Column.Number(row, 0)));
            resting.ForEach(endpoint => transaction.Unsent.MarkExpired(sequence, endpoint, mayBlock: true));
            marked += resting.Count;
            swept.Bind(1, expiresAt).Bind(2, sequence).Run();
        }

        return (End(transaction, rows), count);
    }

    /// <summary>True for a delivery that expired while it was under way, of an event that is not erased.</summary>
    public static bool IsExpired(WriteTransaction transaction, long eventSequence, long endpoint)
    {
        using var find = transaction.Connection.Prepare(
            """
            SELECT 1 FROM dead_letters d JOIN events e ON e.seq = d.event
            WHERE d.event = ?1 AND d.endpoint = ?2 AND d.state = 5 AND e.erased_at IS NULL
            """);
        return find.Bind(1, eventSequence).Bind(2, endpoint).Scalar() is not null;
    }
}
