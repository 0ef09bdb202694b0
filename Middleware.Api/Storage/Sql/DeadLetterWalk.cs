using Middleware.DeadLetters;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Finds dead letters, newest first. It stops after so many rows however few it found; the page then has the place to go on.</summary>
internal static class DeadLetterWalk
{
    /// <summary>The most rows that a page looks at.</summary>
    public const int MaxRows = 5_000;

    /// <summary>The most rows that a count looks at.</summary>
    public const int MostCounted = 50_000;

    private const string Read =
        """
        SELECT d.no, e.id, n.id, e.correlation_id, e.source, e.event_type, e.priority, e.accepted_at,
            d.state, d.reason, d.failures, d.first_dead_at, d.dead_at, CASE d.state WHEN 0 THEN d.next_retry_at END, d.discarded_by, d.discarded_at,
            (SELECT COUNT(*) FROM attempts a WHERE a.seq = d.event AND a.endpoint = d.endpoint), d.event,
            (SELECT id FROM endpoints WHERE no = d.fallback)
        FROM dead_letters d LEFT JOIN events e ON e.seq = d.event LEFT JOIN endpoints n ON n.no = d.endpoint
        """;

    public static HistoryPage<DeadLetter> Find(ISqlConnection connection, DeadLetterQuery filter, PageRequest page)
    {
        var conditions = ConditionsOf(filter);
        var found = new List<long>();
        var (rows, last) = (0, page.Before);
        using var walk = connection.Prepare(Sql(conditions));
        conditions.BindTo(walk.Bind(1, page.Before).Bind(2, MaxRows));
        var stopped = walk.While(row =>
        {
            (last, rows) = (Column.Number(row, 0), rows + 1);
            if (Column.Number(row, 1) != 0)
            {
                found.Add(last);
            }

            return found.Count <= page.Limit;
        });

        var (numbers, next) = found.EndPage(page.Limit, stopped || rows == MaxRows ? last : null);
        return new HistoryPage<DeadLetter>(ReadAll(connection, numbers), next);
    }

    /// <summary>Counts those among the newest that match.</summary>
    public static DeadLetterCounts Count(ISqlConnection connection, DeadLetterQuery filter, int most = MostCounted)
    {
        var conditions = ConditionsOf(filter);
        var counts = new List<DeadLetterCount>();
        var looked = 0L;
        using var count = connection.Prepare(CountSql(conditions, filter));
        conditions.BindTo(count.Bind(1, 0).Bind(2, most));
        count.ForEach(row =>
        {
            looked += Column.Number(row, 3);
            if (Column.Number(row, 2) is > 0 and var matching)
            {
                counts.Add(new DeadLetterCount(Column.Endpoint(row, 0), Column.Text(row, 1), matching));
            }
        });
        return new DeadLetterCounts(counts, looked == most);
    }

    /// <summary>The SQL of a count: ?2 is the number of rows that it looks at. Events are looked up only for a condition on them.</summary>
    public static string CountSql(Conditions conditions, DeadLetterQuery filter) =>
        $"""
        SELECT n.id, g.reason, g.matching, g.looked FROM (
            SELECT endpoint, reason, SUM(fits) AS matching, COUNT(*) AS looked FROM (
                SELECT d.endpoint, d.reason, CASE WHEN {conditions.Sql} THEN 1 ELSE 0 END AS fits FROM dead_letters d
                {(filter is { Source: null, EventType: null, Priority: null } ? "" : "LEFT JOIN events e ON e.seq = d.event")}
                WHERE d.no > ?1 ORDER BY d.no DESC LIMIT ?2) AS newest
            GROUP BY endpoint, reason) AS g
        JOIN endpoints n ON n.no = g.endpoint
        ORDER BY g.matching DESC, n.id, g.reason
        """;

    /// <summary>
    /// The walk's SQL: the number before which it begins is ?1, the number of rows ?2. Events are looked up only for a condition on them.
    /// </summary>
    public static string Sql(Conditions conditions) =>
        $"SELECT d.no, {conditions.Sql} FROM dead_letters d LEFT JOIN events e ON e.seq = d.event WHERE d.no < ?1 ORDER BY d.no DESC LIMIT ?2";

    public static Conditions ConditionsOf(DeadLetterQuery filter)
    {
        var conditions = new Conditions(firstParameter: 3)
            .Add("d.endpoint = (SELECT no FROM endpoints WHERE id =", filter.Endpoint?.Value, ")")
            .Add("d.reason =", filter.Reason)
            .AddTime("d.dead_at >=", filter.Since)
            .AddTime("d.dead_at <", filter.Until);
        conditions = filter.State is { } state ? conditions.Add("d.state =", (long)state) : conditions.Add("d.state <", (long)DeadLetterState.Discarded);
        return conditions
            .Add("e.source =", filter.Source)
            .Add("e.event_type =", filter.EventType)
            .Add("e.priority =", (long?)filter.Priority);
    }

    /// <summary>The SQL of the dead letter of the event ?1 and the endpoint ?2.</summary>
    public const string FindSql = $"{Read} WHERE e.id = ?1 AND n.id = ?2";

    /// <summary>Null when there is none.</summary>
    public static DeadLetter? Find(ISqlConnection connection, DeliveryId id)
    {
        DeadLetter? found = null;
        var sequence = DeliveryId.SequenceIn(id.EventId);
        using var read = connection.Prepare(sequence is null ? FindSql : $"{Read} WHERE d.event = ?1 AND n.id = ?2");
        (sequence is { } number ? read.Bind(1, number) : read.Bind(1, id.EventId.ToByteArray(bigEndian: true)))
            .Bind(2, id.Endpoint.Value).ForEach(row => found = ReadRow(row));
        return found;
    }

    private static List<DeadLetter> ReadAll(ISqlConnection connection, List<long> numbers)
    {
        var items = new List<DeadLetter>(numbers.Count);
        using var read = connection.Prepare($"{Read} WHERE d.no = ?1");
        foreach (var number in numbers)
        {
            read.Bind(1, number).ForEach(row => items.Add(ReadRow(row)));
        }

        return items;
    }

    private static DeadLetter ReadRow(ISqlRow row) => new()
    {
        Number = Column.Number(row, 0),
        Id = Column.Id(row, 1) is var id && id == Guid.Empty
            ? DeliveryId.WithoutEvent(Column.Number(row, 17), Column.Endpoint(row, 2))
            : new DeliveryId(id, Column.Endpoint(row, 2)),
        CorrelationId = Column.TextOrNull(row, 3),
        Source = Column.TextOrNull(row, 4),
        EventType = Column.TextOrNull(row, 5),
        Priority = Column.IsNull(row, 6) ? null : Column.Priority(row, 6),
        AcceptedAt = Column.TimeOrNull(row, 7),
        State = (DeadLetterState)Column.Count(row, 8),
        Reason = Column.Text(row, 9),
        Failures = Column.Count(row, 10),
        FirstDeadAt = Column.Time(row, 11),
        DeadAt = Column.Time(row, 12),
        NextRetryAt = Column.TimeOrNull(row, 13),
        DiscardedBy = Column.TextOrNull(row, 14),
        DiscardedAt = Column.TimeOrNull(row, 15),
        Attempts = Column.Count(row, 16),
        HandedTo = Column.IsNull(row, 18) ? null : Column.Endpoint(row, 18),
    };
}
