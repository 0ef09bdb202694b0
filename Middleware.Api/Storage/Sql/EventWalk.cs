using Middleware.Events;
using Middleware.History;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>
/// Finds events, newest first. It reads rows in order of sequence, by an index where one knows the candidates. It stops after so many rows or bytes
/// however few it found; the page then has the place to go on.
/// </summary>
internal static class EventWalk
{
    /// <summary>The most rows that a page looks at; fewer for the status, which is looked up for each row and endpoint.</summary>
    public const int MaxRows = 10_000;

    /// <summary>The most pages that a count looks at.</summary>
    public const int MostWalks = 5;

    private const int MinRows = 500;

    /// <summary>The most bytes of payload that a page searches.</summary>
    private const int MaxSearchedBytes = 8 << 20;

    private const string IsPending =
        """
        EXISTS (SELECT 1 FROM endpoints n CROSS JOIN pending p ON p.endpoint = n.no AND p.priority IN (e.priority, 4) AND p.seq = e.seq)
            OR EXISTS (SELECT 1 FROM pending b WHERE b.event = e.seq)
            OR EXISTS (SELECT 1 FROM held h WHERE h.seq = e.seq)
        """;

    /// <summary>The status of the event <c>e</c>, as the number of an <see cref="EventStatus"/>.</summary>
    public const string Status =
        $"""
        (CASE WHEN e.erased_at IS NOT NULL THEN 4
            WHEN e.endpoints = 0 THEN 3
            WHEN {IsPending} THEN 0
            WHEN EXISTS (SELECT 1 FROM dead_letters d WHERE d.event = e.seq AND d.state NOT IN (3, 5)) THEN 2
            WHEN EXISTS (SELECT 1 FROM dead_letters d WHERE d.event = e.seq AND d.state = 5) THEN 5
            ELSE 1 END)
        """;

    /// <summary>The columns that <see cref="ReadSummary"/> reads.</summary>
    public const string SummaryColumns = $"e.id, e.correlation_id, e.source, e.event_type, e.priority, e.accepted_at, e.endpoints, {Status}, e.expires_at";

    public static HistoryPage<EventSummary> Find(ISqlConnection connection, HistoryQuery filter, PageRequest page, DataKeys? keys)
    {
        var (found, next) = FindSequences(connection, filter, page, keys);
        var items = new List<EventSummary>(found.Count);
        using var read = connection.Prepare($"SELECT {SummaryColumns} FROM events e WHERE e.seq = ?1");
        foreach (var sequence in found)
        {
            read.Bind(1, sequence).ForEach(row => items.Add(ReadSummary(row)));
        }

        return new HistoryPage<EventSummary>(items, next);
    }

    /// <summary>Counts the events of a page, and gives the place of the next.</summary>
    public static (int Count, long? Next) Count(ISqlConnection connection, HistoryQuery filter, PageRequest page, DataKeys? keys)
    {
        var (found, next) = FindSequences(connection, filter, page, keys);
        return (found.Count, next);
    }

    public static EventSummary ReadSummary(ISqlRow row) => new()
    {
        Id = Column.Id(row, 0),
        CorrelationId = Column.Text(row, 1),
        Source = Column.Text(row, 2),
        EventType = Column.Text(row, 3),
        Priority = Column.Priority(row, 4),
        AcceptedAt = Column.Time(row, 5),
        Endpoints = Column.Count(row, 6),
        Status = (EventStatus)Column.Count(row, 7),
        ExpiresAt = Column.TimeOrNull(row, 8),
    };

    /// <summary>The walk's SQL: the sequence before which it begins is ?1, the number of rows ?2.</summary>
    public static string Sql(HistoryQuery filter, Conditions conditions)
    {
        var payload = filter.Text is null ? "NULL" : $"CASE WHEN {conditions.Sql} THEN e.payload END";
        var select = $"SELECT e.seq, {conditions.Sql}, {payload}, e.id";
        return filter switch
        {
            { CorrelationId: not null } =>
                $"{select} FROM events e INDEXED BY events_by_correlation_id WHERE e.correlation_id = ?3 AND e.seq < ?1 ORDER BY e.seq DESC LIMIT ?2",
            { Status: EventStatus.DeadLetter or EventStatus.Expired } =>
                $"{select} FROM dead_letters l INDEXED BY dead_letters_by_delivery CROSS JOIN events e ON e.seq = l.event WHERE l.event < ?1 ORDER BY l.event DESC LIMIT ?2",
            _ => $"{select} FROM events e WHERE e.seq < ?1 ORDER BY e.seq DESC LIMIT ?2",
        };
    }

    /// <summary>The conditions of a query. The correlation id is the first parameter, ?3, where it chooses the rows.</summary>
    public static Conditions ConditionsOf(HistoryQuery filter, int first = 3) => new Conditions(first)
        .Add("e.correlation_id =", filter.CorrelationId)
        .Add("e.source =", filter.Source)
        .Add("e.event_type =", filter.EventType)
        .Add("e.priority =", (long?)filter.Priority)
        .AddTime("e.accepted_at >=", filter.Since)
        .AddTime("e.accepted_at <", filter.Until)
        .Add($"{Status} =", (long?)filter.Status);

    private static (List<long> Found, long? Next) FindSequences(ISqlConnection connection, HistoryQuery filter, PageRequest page, DataKeys? keys)
    {
        var conditions = ConditionsOf(filter);
        var search = filter.Text is null ? null : new PayloadSearch(filter.Text);
        var maxRows = filter.Status is null ? MaxRows : RowsWithStatus(connection);
        var found = new List<long>();
        var (rows, bytes, last) = (0, 0L, page.Before);

        using var walk = connection.Prepare(Sql(filter, conditions));
        conditions.BindTo(walk.Bind(1, FirstCandidate(connection, filter, page.Before)).Bind(2, maxRows));
        var stopped = walk.While(row =>
        {
            var sequence = Column.Number(row, 0);
            var isMatch = Column.Number(row, 1) != 0;
            if (isMatch && search is not null)
            {
                var payload = Column.Blob(row, 2);
                bytes += payload.Length;
                isMatch = IsIn(payload, row);
            }

            // An event with several dead letters comes once for each.
            if (isMatch && sequence != last)
            {
                found.Add(sequence);
            }

            (last, rows) = (sequence, rows + 1);
            return found.Count <= page.Limit && bytes < MaxSearchedBytes;
        });

        return found.EndPage(page.Limit, stopped || rows == maxRows ? last : null);

        bool IsIn(ReadOnlySpan<byte> payload, ISqlRow row) => SealedBytes.IsSealed(payload)
            ? DataKeys.Open(keys, SealedRow.Payload(Column.Id(row, 3)), payload) is { } plain && search.IsIn(plain)
            : search.IsIn(payload);
    }

    private static int RowsWithStatus(ISqlConnection connection)
    {
        using var count = connection.Prepare("SELECT COUNT(*) FROM endpoints");
        return (int)Math.Clamp(MaxRows / (2 + count.Scalar()!.Value), MinRows, MaxRows);
    }

    /// <summary>The sequence at which the walk begins: pending events may lie far back, so it is the newest of them.</summary>
    private static long FirstCandidate(ISqlConnection connection, HistoryQuery filter, long before)
    {
        if (filter is not { Status: EventStatus.Pending, CorrelationId: null })
        {
            return before;
        }

        using var newest = connection.Prepare(
            """
            SELECT MAX(seq) FROM (
                SELECT MAX(event) AS seq FROM pending WHERE event < ?1
                UNION ALL
                SELECT MAX(seq) FROM held WHERE seq < ?1
                UNION ALL
                SELECT MAX((SELECT MAX(p.seq) FROM pending p WHERE p.endpoint = n.no AND p.priority = v.column1 AND p.seq < ?1))
                FROM endpoints n, (VALUES (0), (1), (2), (3), (4)) v) m
            """);
        return (newest.Bind(1, before).Scalar() ?? 0) + 1;
    }
}
