using Middleware.Events;
using Middleware.Replays;

namespace Middleware.Storage.Sql;

/// <summary>The place where a replay goes on: at this dead letter or event, after this endpoint of it.</summary>
internal readonly record struct ReplayCursor(long At, long AfterEndpoint);

/// <summary>A delivery that a replay is to make pending.</summary>
/// <param name="Row">The number of the dead letter, or the sequence of the event.</param>
/// <param name="Event">The sequence of the event.</param>
/// <param name="Endpoint">The number of the endpoint.</param>
internal readonly record struct ReplayCandidate(long Row, long Event, long Endpoint);

/// <summary>The endpoints that an order may reach, by their numbers.</summary>
/// <param name="Target">The endpoint it names; null when it names none, or that one cannot be reached.</param>
/// <param name="IsMeant">Judges each number where it names none.</param>
/// <param name="HadBy">The endpoint that an event for the target must have gone to; null for none.</param>
internal readonly record struct MeantEndpoints(long? Target, Func<long, bool>? IsMeant, long? HadBy = null)
{
    public bool Has(long number) => IsMeant?.Invoke(number) ?? number == Target;
}

/// <summary>Finds the rows of an order: a walk in the order of the rows, over a bounded number of them at a time.</summary>
internal static class ReplayWalk
{
    /// <summary>The most rows that are looked at in one go.</summary>
    public const int Stride = 5_000;

    private const int FirstSelected = 13;

    private const string DeadLetters =
        $"""
        SELECT d.no, d.event, d.endpoint FROM dead_letters d LEFT JOIN events e ON e.seq = d.event
        WHERE d.no >= ?1 AND ?2 = ?2 AND d.no <= ?3 AND d.state = 0
            AND (?8 IS NULL OR d.dead_at >= ?8) AND (?9 IS NULL OR d.dead_at < ?9) AND (?10 IS NULL OR d.reason = ?10) {OfTheEvent}
        ORDER BY 1
        """;

    private const string EventsForOne =
        $"""
        SELECT e.seq, e.seq, ?11 FROM events e
        WHERE {OfEvents} AND (e.seq > ?1 OR ?11 > ?2) AND (?12 IS NULL
            OR EXISTS (SELECT 1 FROM attempts WHERE seq = e.seq AND endpoint = ?12) OR EXISTS (SELECT 1 FROM dead_letters WHERE event = e.seq AND endpoint = ?12))
        ORDER BY 1
        """;

    // The event went to the endpoint before: there is an attempt, or an end without one.
    private const string EventsWhereTheyWent =
        $"""
        SELECT e.seq, e.seq, a.endpoint FROM events e CROSS JOIN attempts a ON a.seq = e.seq
        WHERE {OfEvents} AND (e.seq > ?1 OR a.endpoint > ?2)
        UNION
        SELECT e.seq, e.seq, d.endpoint FROM events e CROSS JOIN dead_letters d ON d.event = e.seq
        WHERE {OfEvents} AND (e.seq > ?1 OR d.endpoint > ?2)
        ORDER BY 1, 3
        """;

    private const string OfEvents =
        $"""
        e.seq >= ?1 AND e.seq <= ?3 AND e.erased_at IS NULL AND ?10 IS NULL
            AND (?8 IS NULL OR e.accepted_at >= ?8) AND (?9 IS NULL OR e.accepted_at < ?9) {OfTheEvent}
        """;

    private const string OfTheEvent =
        """
            AND (?4 IS NULL OR e.source = ?4) AND (?5 IS NULL OR e.event_type = ?5)
            AND (?6 IS NULL OR e.priority = ?6) AND (?7 IS NULL OR e.correlation_id = ?7)
        """;

    /// <summary>The last row that an order covers; 0 when there is none.</summary>
    public static long LastRow(ISqlConnection connection, ReplayOrder order, Func<EndpointId, long?> numberOf)
    {
        if (order.Ids is not null)
        {
            return SelectedRows.Of(connection, order, numberOf) is [.., var last] ? last : 0;
        }

        using var statement = connection.Prepare(order.Of == ReplaySubject.DeadLetters ? "SELECT MAX(no) FROM dead_letters" : "SELECT MAX(seq) FROM events");
        return statement.Scalar() ?? 0;
    }

    /// <summary>
    /// The row at which a stride that begins at the cursor ends; <paramref name="last"/> when nothing follows. With it the rows of an order by ids; null for
    /// those of a filter.
    /// </summary>
    public static (IReadOnlyList<long>? Rows, long End) NextStride(ISqlConnection connection, ReplayOrder order, ReplayCursor cursor, long last, Func<EndpointId, long?> numberOf)
    {
        if (order.Ids is not null)
        {
            var rows = SelectedRows.Of(connection, order, numberOf).FindAll(row => row >= cursor.At && row <= last);
            return rows.Count > SelectedRows.AtOnce ? (rows[..SelectedRows.AtOnce], rows[SelectedRows.AtOnce - 1]) : (rows, last);
        }

        using var statement = connection.Prepare(order.Of == ReplaySubject.DeadLetters
            ? "SELECT no FROM dead_letters WHERE no >= ?1 AND no < ?2 ORDER BY no LIMIT 1 OFFSET ?3"
            : "SELECT seq FROM events WHERE seq >= ?1 AND seq < ?2 ORDER BY seq LIMIT 1 OFFSET ?3");
        return (null, statement.Bind(1, cursor.At).Bind(2, last).Bind(3, Stride - 1).Scalar() ?? last);
    }

    /// <summary>Finds matches from the cursor to <paramref name="end"/> for the reachable endpoints, at most <paramref name="limit"/>.</summary>
    public static List<ReplayCandidate> Find(
        ISqlConnection connection, ReplayOrder order, IReadOnlyList<long>? rows, ReplayCursor cursor, long end, int limit, MeantEndpoints endpoints)
    {
        var found = new List<ReplayCandidate>();
        if (rows is [] || (order.EndpointId is not null && endpoints.Target is null))
        {
            return found;
        }

        var isForOne = order is { Of: ReplaySubject.Events } and ({ EndpointId: not null } or { Erases: true });
        var filter = order.Filter;
        var sql = order.Of == ReplaySubject.DeadLetters ? DeadLetters : isForOne ? EventsForOne : EventsWhereTheyWent;
        using var statement = connection.Prepare(rows is null ? sql : sql.Replace(OfTheEvent, $"{OfTheEvent} AND {SelectedRows.IsOneOf(order.Of == ReplaySubject.DeadLetters ? "d.no" : "e.seq", FirstSelected)}", StringComparison.Ordinal));
        statement
            .Bind(1, cursor.At)
            .Bind(2, cursor.AfterEndpoint)
            .Bind(3, end)
            .Bind(4, filter.Source)
            .Bind(5, filter.EventType)
            .Bind(6, (long?)filter.Priority)
            .Bind(7, filter.CorrelationId)
            .Bind(8, StoredTime.From(filter.Since))
            .Bind(9, StoredTime.From(filter.Until))
            .Bind(10, filter.Reason);
        if (rows is not null)
        {
            SelectedRows.Bind(statement, FirstSelected, rows);
        }

        if (isForOne)
        {
            statement.Bind(11, endpoints.Target!.Value).Bind(12, endpoints.HadBy);
        }

        statement.While(row =>
        {
            if (endpoints.Has(Column.Number(row, 2)))
            {
                found.Add(new ReplayCandidate(Column.Number(row, 0), Column.Number(row, 1), Column.Number(row, 2)));
            }

            return found.Count < limit;
        });
        return found;
    }
}
