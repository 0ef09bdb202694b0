using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>The conditions under which rows may be purged.</summary>
internal static class Resolved
{
    /// <summary>
    /// Of an event <c>e</c> that is not <see cref="Live"/>: nothing of it is queued again, and no dead letter of it rests or is queued. The writer
    /// judges it in its transaction, at a cost that does not depend on how many endpoints there are.
    /// </summary>
    public const string Condition =
        """
        NOT EXISTS (SELECT 1 FROM pending WHERE event = e.seq)
        AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE event = e.seq AND state IN (0, 1))
        """;

    /// <summary>Of a dead letter <c>d</c>: it was discarded or handed over, or rests with no retry planned.</summary>
    public const string NoMoreTries = "(d.state IN (2, 3) OR (d.state = 0 AND d.next_retry_at IS NULL))";

    /// <summary>
    /// Those of some events whose first deliveries are pending. A first delivery becomes pending with its event and never again, so one that is
    /// not live now never will be. For each endpoint and priority it looks only where the events and what is pending meet.
    /// </summary>
    public static HashSet<long> Live(sqlite3 connection, IEnumerable<long> events)
    {
        long[] sequences = [.. events.Distinct().Order()];
        var live = new HashSet<long>();
        if (sequences.Length == 0)
        {
            return live;
        }

        using var next = new Statement(connection, "SELECT seq FROM pending WHERE endpoint = ?1 AND priority = ?2 AND seq >= ?3 ORDER BY seq LIMIT 1");
        using var lanes = new Statement(
            connection,
            """
            SELECT n.no, v.column1, (SELECT MIN(p.seq) FROM pending p WHERE p.endpoint = n.no AND p.priority = v.column1) AS oldest
            FROM endpoints n, (VALUES (0), (1), (2), (3)) v WHERE oldest <= ?1
            """);
        lanes.Bind(1, sequences[^1]).ForEach(lane =>
        {
            next.Bind(1, Column.Number(lane, 0)).Bind(2, Column.Number(lane, 1));
            for (var index = 0; index < sequences.Length; index++)
            {
                if (next.Bind(3, sequences[index]).Scalar() is not { } pending)
                {
                    return;
                }

                index = Array.BinarySearch(sequences, index, sequences.Length - index, pending) is var found && found < 0 ? ~found - 1 : found;
                if (found >= 0)
                {
                    live.Add(pending);
                }
            }
        });
        return live;
    }
}
