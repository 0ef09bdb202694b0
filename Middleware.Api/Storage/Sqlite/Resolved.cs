namespace Middleware.Storage.Sqlite;

/// <summary>The conditions under which rows may be purged.</summary>
internal static class Resolved
{
    /// <summary>Of an event <c>e</c>: nothing of it is pending, and no dead letter of it rests or is queued.</summary>
    public const string Condition =
        """
        NOT EXISTS (SELECT 1 FROM pending WHERE endpoint IN (SELECT no FROM endpoints) AND priority IN (0, 1, 2, 3) AND seq = e.seq)
        AND NOT EXISTS (SELECT 1 FROM pending WHERE event = e.seq)
        AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE event = e.seq AND state IN (0, 1))
        """;

    /// <summary>Of a dead letter <c>d</c>: it was discarded or handed over, or rests with no retry planned.</summary>
    public const string NoMoreTries = "(d.state IN (2, 3) OR (d.state = 0 AND d.next_retry_at IS NULL))";
}
