using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>The conditions under which rows may be purged.</summary>
internal static class Resolved
{
    /// <summary>
    /// The condition of an event <c>e</c> that is not <see cref="Live"/>. Nothing of it is queued again, and no dead letter of it rests or is queued.
    /// The writer judges it in its transaction, at a cost that does not depend on the number of endpoints.
    /// </summary>
    public const string Condition =
        """
        NOT EXISTS (SELECT 1 FROM pending WHERE event = e.seq)
        AND NOT EXISTS (SELECT 1 FROM held WHERE seq = e.seq)
        AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE event = e.seq AND state IN (0, 1))
        """;

    /// <summary>
    /// The condition of a dead letter <c>d</c>: it was discarded, handed over, erased or expired, or rests with no retry planned and blocks no key.
    /// </summary>
    public const string NoMoreTries = "(d.state IN (2, 3, 4, 5) OR (d.state = 0 AND d.next_retry_at IS NULL AND d.blocks IS NULL))";

    /// <summary>
    /// Those of some events whose first deliveries are pending. A first delivery becomes pending with its event and never again, so an event that is
    /// not live now never will be. For each priority of an endpoint it looks only where the events and the pending rows meet.
    /// </summary>
    public static HashSet<long> Live(ISqlConnection connection, IEnumerable<long> events) => [.. FirstDeliveries(connection, events).Select(static row => row.Event)];

    /// <summary>The first deliveries of some events that are pending.</summary>
    public static List<PendingRow> FirstDeliveries(ISqlConnection connection, IEnumerable<long> events)
    {
        long[] sequences = [.. events.Distinct().Order()];
        var live = new List<PendingRow>();
        if (sequences.Length == 0)
        {
            return live;
        }

        using var next = connection.Prepare("SELECT seq FROM pending WHERE endpoint = ?1 AND priority = ?2 AND seq >= ?3 ORDER BY seq LIMIT 1");
        using var endpoints = connection.Prepare(
            """
            WITH RECURSIVE waiting (no) AS (
                SELECT MIN(endpoint) FROM pending
                UNION ALL
                SELECT (SELECT MIN(endpoint) FROM pending WHERE endpoint > no) FROM waiting WHERE no IS NOT NULL)
            SELECT no FROM waiting WHERE no IS NOT NULL
            """);
        var waiting = new List<long>();
        endpoints.ForEach(row => waiting.Add(Column.Number(row, 0)));
        foreach (var endpoint in waiting)
        {
            foreach (var priority in Priorities.OfLive)
            {
                AddLive(next, endpoint, priority, sequences, live);
            }
        }

        return live;
    }

    private static void AddLive(SqlStatement next, long endpoint, Priority priority, long[] sequences, List<PendingRow> live)
    {
        next.Bind(1, endpoint).Bind(2, (long)priority);
        for (var index = 0; index < sequences.Length && next.Bind(3, sequences[index]).Scalar() is { } pending; index++)
        {
            index = Array.BinarySearch(sequences, index, sequences.Length - index, pending) is var found && found < 0 ? ~found - 1 : found;
            if (found >= 0)
            {
                live.Add(new PendingRow(endpoint, priority, pending, pending));
            }
        }
    }
}
