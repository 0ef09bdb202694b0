using System.Globalization;
using Middleware.Domain;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>Where a replay goes on: at this dead letter or event, after this endpoint of it.</summary>
internal readonly record struct ReplayCursor(long At, long AfterEndpoint);

/// <summary>A delivery that a replay is to make pending.</summary>
/// <param name="Row">The number of the dead letter, or the sequence of the event.</param>
/// <param name="Event">The sequence of the event.</param>
/// <param name="Endpoint">The number of the endpoint.</param>
internal readonly record struct ReplayCandidate(long Row, long Event, long Endpoint);

/// <summary>Finds what an order covers: a walk in the order of the rows, over a bounded number of them at a time.</summary>
internal static class ReplayWalk
{
    /// <summary>How many rows are looked at in one go.</summary>
    public const int Stride = 5_000;

    private const string DeadLetters =
        """
        SELECT d.no, d.event, d.endpoint FROM dead_letters d LEFT JOIN events e ON e.seq = d.event
        WHERE d.no >= ?1 AND ?2 = ?2 AND d.no <= ?3 AND d.state = 0
            AND (?9 IS NULL OR d.dead_at >= ?9) AND (?10 IS NULL OR d.dead_at < ?10) AND (?11 IS NULL OR d.reason = ?11)
            AND d.endpoint IN (SELECT column1 FROM endpoints_meant)
        """;

    private const string Events =
        """
        SELECT e.seq, e.seq, n.column1 FROM events e CROSS JOIN endpoints_meant n
        WHERE e.seq >= ?1 AND (e.seq > ?1 OR n.column1 > ?2) AND e.seq <= ?3 AND ?11 IS NULL
            AND (?9 IS NULL OR e.accepted_at >= ?9) AND (?10 IS NULL OR e.accepted_at < ?10)
        """;

    // The event went to the endpoint before: there is an attempt, or what came of it without one.
    private const string WentThere =
        """
            AND (EXISTS (SELECT 1 FROM attempts a WHERE a.seq = e.seq AND a.endpoint = n.column1)
                OR EXISTS (SELECT 1 FROM dead_letters d WHERE d.event = e.seq AND d.endpoint = n.column1))
        """;

    private const string OfTheEvent =
        """
            AND (?5 IS NULL OR e.source = ?5) AND (?6 IS NULL OR e.event_type = ?6)
            AND (?7 IS NULL OR e.priority = ?7) AND (?8 IS NULL OR e.correlation_id = ?8)
        ORDER BY 1, 3 LIMIT ?4
        """;

    /// <summary>The last row that there is of what an order covers; 0 when there is none.</summary>
    public static long LastRow(sqlite3 connection, ReplaySubject subject)
    {
        using var statement = new Statement(
            connection, subject == ReplaySubject.DeadLetters ? "SELECT MAX(no) FROM dead_letters" : "SELECT MAX(seq) FROM events");
        return statement.Scalar() ?? 0;
    }

    /// <summary>The row at which a stride that begins at the cursor ends; <paramref name="last"/> when nothing follows.</summary>
    public static long EndOfStride(sqlite3 connection, ReplaySubject subject, ReplayCursor cursor, long last)
    {
        using var statement = new Statement(connection, subject == ReplaySubject.DeadLetters
            ? "SELECT no FROM dead_letters WHERE no >= ?1 AND no < ?2 ORDER BY no LIMIT 1 OFFSET ?3"
            : "SELECT seq FROM events WHERE seq >= ?1 AND seq < ?2 ORDER BY seq LIMIT 1 OFFSET ?3");
        return statement.Bind(1, cursor.At).Bind(2, last).Bind(3, Stride - 1).Scalar() ?? last;
    }

    /// <summary>What matches from the cursor to <paramref name="end"/>, at most <paramref name="limit"/>, to the endpoints with these numbers.</summary>
    public static List<ReplayCandidate> Find(
        sqlite3 connection, ReplayOrder order, ReplayCursor cursor, long end, int limit, IReadOnlyCollection<long> endpoints)
    {
        var found = new List<ReplayCandidate>();
        if (endpoints.Count == 0)
        {
            return found;
        }

        var filter = order.Filter;
        using var statement = new Statement(connection, Sql(order, endpoints));
        statement
            .Bind(1, cursor.At)
            .Bind(2, cursor.AfterEndpoint)
            .Bind(3, end)
            .Bind(4, limit)
            .Bind(5, filter.Source)
            .Bind(6, filter.EventType)
            .Bind(7, (long?)filter.Priority)
            .Bind(8, filter.CorrelationId)
            .Bind(9, StoredTime.From(filter.Since))
            .Bind(10, StoredTime.From(filter.Until))
            .Bind(11, filter.Reason)
            .ForEach(row => found.Add(new ReplayCandidate(Column.Number(row, 0), Column.Number(row, 1), Column.Number(row, 2))));
        return found;
    }

    private static string Sql(ReplayOrder order, IReadOnlyCollection<long> endpoints)
    {
        // Numbers, never text that was given.
        var meant = string.Join(", ", endpoints.Select(static number => string.Create(CultureInfo.InvariantCulture, $"({number})")));
        var subject = order.Of == ReplaySubject.DeadLetters ? DeadLetters : Events;
        var wentThere = order is { Of: ReplaySubject.Events, EndpointId: null } ? WentThere : "";
        return $"WITH endpoints_meant AS (VALUES {meant}) {subject} {wentThere} {OfTheEvent}";
    }
}
