namespace Middleware.Storage.Sql;

/// <summary>A row that may be purged.</summary>
/// <param name="Number">Of the dead letter, or the sequence of the event.</param>
/// <param name="Event">The sequence of the event.</param>
/// <param name="Deliveries">The number of the event's deliveries.</param>
internal readonly record struct PurgeRow(long Number, long Event, int Deliveries);

/// <summary>Deletes rows past their retention, in the writer's transaction: rows found over other connections are judged again here.</summary>
internal static class Purge
{
    /// <summary>The most rows without deliveries that one transaction deletes.</summary>
    public const int AtOnce = 200;

    /// <summary>The most deliveries of the events that one transaction deletes.</summary>
    public const int DeliveriesAtOnce = 1_000;

    /// <summary>Purges the resolved ones of the events, none of them live, and returns their number.</summary>
    public static int Events(WriteTransaction transaction, IEnumerable<long> sequences)
    {
        transaction.LockOldEvents();
        var connection = transaction.Connection;
        using var resolved = connection.Prepare($"SELECT 1 FROM events e WHERE e.seq = ?1 AND {Resolved.Condition}");
        using var attempts = connection.Prepare("DELETE FROM attempts WHERE seq = ?1");
        using var deadLetters = connection.Prepare("DELETE FROM dead_letters WHERE event = ?1");
        using var events = connection.Prepare("DELETE FROM events WHERE seq = ?1");

        var (purged, last) = (0, 0L);
        foreach (var sequence in sequences)
        {
            if (resolved.Bind(1, sequence).Scalar() is null)
            {
                continue;
            }

            attempts.Bind(1, sequence).Run();
            deadLetters.Bind(1, sequence).Run();
            events.Bind(1, sequence).Run();
            (purged, last) = (purged + 1, Math.Max(last, sequence));
        }

        if (purged > 0)
        {
            // So that a number is not used again when the rows that bore it are gone.
            using var counter = connection.Prepare("UPDATE counters SET value = ?1 WHERE name = 'last_purged_seq' AND value < ?1");
            counter.Bind(1, last).Run();
        }

        return purged;
    }

    /// <summary>Purges those of the dead letters that are still as old, and those of their events that are not live.</summary>
    public static (int DeadLetters, int Events) DeadLetters(
        WriteTransaction transaction, IReadOnlyList<PurgeRow> rows, IReadOnlySet<long> live, DateTimeOffset before, DateTimeOffset eventsBefore)
    {
        var connection = transaction.Connection;
        using var delete = connection.Prepare($"DELETE FROM dead_letters AS d WHERE d.no = ?1 AND d.dead_at < ?2 AND {Resolved.NoMoreTries}");
        using var isOld = connection.Prepare("SELECT 1 FROM events WHERE seq = ?1 AND accepted_at < ?2");

        var purged = 0;
        var events = new List<long>();
        foreach (var (number, sequence, _) in rows)
        {
            delete.Bind(1, number).Bind(2, StoredTime.From(before)).Run();
            if (delete.Changes == 0)
            {
                continue;
            }

            purged++;
            if (!live.Contains(sequence) && isOld.Bind(1, sequence).Bind(2, StoredTime.From(eventsBefore)).Scalar() is not null)
            {
                events.Add(sequence);
            }
        }

        return (purged, Events(transaction, events));
    }

    /// <summary>Purges expired answers, replays that ended long ago, and counts of minutes.</summary>
    public static int Expired(WriteTransaction transaction, DateTimeOffset now, DateTimeOffset replaysBefore)
    {
        var connection = transaction.Connection;
        using var answers = connection.Prepare(
            """
            DELETE FROM idempotency WHERE (route, key) IN
                (SELECT route, key FROM idempotency WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
            """);
        answers.Bind(1, StoredTime.From(now)).Bind(2, AtOnce).Run();
        var purged = answers.Changes;

        using var replays = connection.Prepare("DELETE FROM replays WHERE no IN (SELECT no FROM replays WHERE state <> 0 AND ended_at < ?1 LIMIT ?2)");
        replays.Bind(1, StoredTime.From(replaysBefore)).Bind(2, AtOnce).Run();
        purged = Math.Max(purged, replays.Changes);

        using var stats = connection.Prepare("DELETE FROM stats WHERE no IN (SELECT no FROM stats WHERE minute < ?1 LIMIT ?2)");
        stats.Bind(1, StoredTime.From(now - SqlStats.Kept)).Bind(2, AtOnce).Run();
        return Math.Max(purged, stats.Changes);
    }
}
