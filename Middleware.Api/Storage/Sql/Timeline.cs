using Middleware.DeadLetters;
using Middleware.Events;
using Middleware.History;
using Middleware.Storage.AtRest;
using Middleware.Telemetry;

namespace Middleware.Storage.Sql;

/// <summary>The state of one event for one endpoint, by its rows.</summary>
internal sealed record DeliveryRow(long Endpoint, EndpointId Id, bool IsPending, string? ReplayId, int Attempts, DateTimeOffset? DeliveredAt, bool IsDead);

/// <summary>Reads the deliveries and attempts of one event.</summary>
internal static class Timeline
{
    /// <summary>
    /// The SQL of the pending rows, attempts and dead letters of the event ?1 with the priority ?2. An endpoint that matched always has one of these,
    /// so nothing else is written for it.
    /// </summary>
    private const string Deliveries =
        """
        WITH matched (endpoint) AS (
            SELECT endpoint FROM attempts WHERE seq = ?1
            UNION SELECT endpoint FROM dead_letters WHERE event = ?1
            UNION SELECT endpoint FROM pending WHERE event = ?1
            UNION SELECT endpoint FROM held WHERE seq = ?1
            UNION SELECT p.endpoint FROM endpoints n CROSS JOIN pending p ON p.endpoint = n.no AND p.priority IN (?2, 4) AND p.seq = ?1)
        SELECT n.no, n.id,
            EXISTS (SELECT 1 FROM pending p WHERE p.endpoint = n.no AND p.priority IN (?2, 4) AND p.seq = ?1)
                OR EXISTS (SELECT 1 FROM pending b WHERE b.event = ?1 AND b.endpoint = n.no)
                OR EXISTS (SELECT 1 FROM held h WHERE h.seq = ?1 AND h.endpoint = n.no),
            COALESCE(
                (SELECT b.replay FROM pending b WHERE b.event = ?1 AND b.endpoint = n.no ORDER BY b.seq LIMIT 1),
                (SELECT h.replay FROM held h WHERE h.seq = ?1 AND h.endpoint = n.no)),
            (SELECT COUNT(*) FROM attempts a WHERE a.seq = ?1 AND a.endpoint = n.no),
            (SELECT MAX(a.started_at + a.duration) FROM attempts a WHERE a.seq = ?1 AND a.endpoint = n.no AND a.reason IS NULL),
            EXISTS (SELECT 1 FROM dead_letters d WHERE d.event = ?1 AND d.endpoint = n.no)
        FROM matched m JOIN endpoints n ON n.no = m.endpoint
        ORDER BY n.no
        """;

    private const string Attempts =
        """
        SELECT n.id, a.number, a.started_at, a.duration, a.status, a.reason, a.error, COALESCE(a.sealed, a.response), a.batch, a.sealed IS NOT NULL, a.replica
        FROM attempts a JOIN endpoints n ON n.no = a.endpoint
        WHERE a.seq = ?1 AND n.id = COALESCE(?2, n.id)
        ORDER BY a.started_at DESC, a.endpoint DESC, a.number DESC LIMIT ?3
        """;

    // SQLite has one replica and no column for it.
    private static readonly string AttemptsOfOne = Attempts.Replace("a.replica", "NULL", StringComparison.Ordinal);

    public static EventTimeline? Find(ISqlConnection connection, Guid id, DataKeys? keys)
    {
        (long Sequence, EventSummary Event, string? TraceParent, byte[] Payload)? found = null;
        using (var read = connection.Prepare($"SELECT {EventWalk.SummaryColumns}, e.seq, e.payload, e.trace_parent FROM events e WHERE e.id = ?1"))
        {
            read.Bind(1, id.ToByteArray(bigEndian: true))
                .ForEach(row => found = (Column.Number(row, 9), EventWalk.ReadSummary(row), Column.TextOrNull(row, 11), DataKeys.Open(keys, SealedRow.Payload(id), Column.Blob(row, 10)) ?? []));
        }

        if (found is not var (sequence, summary, traceParent, payload))
        {
            return null;
        }

        var deliveries = ReadDeliveries(connection, sequence, (long)summary.Priority).ConvertAll(row => StateOf(connection, id, row));
        return new EventTimeline(summary, payload, deliveries, ReadAttempts(connection, sequence, id, endpoint: null, keys))
        {
            TraceId = MiddlewareTraces.ContextOf(traceParent)?.TraceId.ToHexString(),
        };
    }

    public static DeadLetterTimeline? FindDeadLetter(ISqlConnection connection, DeliveryId id, DataKeys? keys) =>
        DeadLetterWalk.Find(connection, id) is { } deadLetter
            && (DeliveryId.SequenceIn(id.EventId) ?? FindSequence(connection, id.EventId)?.Sequence) is { } sequence
            ? new DeadLetterTimeline(deadLetter, ReadAttempts(connection, sequence, id.EventId, id.Endpoint.Value, keys))
            : null;

    public static (long Sequence, long Priority)? FindSequence(ISqlConnection connection, Guid id)
    {
        (long, long)? found = null;
        using var read = connection.Prepare("SELECT seq, priority FROM events WHERE id = ?1");
        read.Bind(1, id.ToByteArray(bigEndian: true)).ForEach(row => found = (Column.Number(row, 0), Column.Number(row, 1)));
        return found;
    }

    /// <summary>One row for each endpoint that the event is or was for.</summary>
    public static List<DeliveryRow> ReadDeliveries(ISqlConnection connection, long sequence, long priority)
    {
        var rows = new List<DeliveryRow>();
        using var read = connection.Prepare(Deliveries);
        read.Bind(1, sequence).Bind(2, priority).ForEach(row => rows.Add(new DeliveryRow(
            Column.Number(row, 0),
            Column.Endpoint(row, 1),
            IsPending: Column.Count(row, 2) != 0,
            Column.TextOrNull(row, 3),
            Column.Count(row, 4),
            Column.TimeOrNull(row, 5),
            IsDead: Column.Count(row, 6) != 0)));
        return rows;
    }

    private static DeliveryState StateOf(ISqlConnection connection, Guid eventId, DeliveryRow row)
    {
        var id = new DeliveryId(eventId, row.Id);
        var deadLetter = row.IsDead ? DeadLetterWalk.Find(connection, id) : null;
        return new DeliveryState
        {
            Id = id,
            Attempts = row.Attempts,
            DeliveredAt = row.DeliveredAt,
            ReplayId = row.ReplayId,
            DeadLetter = deadLetter,
            Status = (row.IsPending, deadLetter) switch
            {
                (true, _) => DeliveryStatus.Pending,
                (_, null) => DeliveryStatus.Delivered,
                (_, { State: DeadLetterState.Discarded }) => DeliveryStatus.Discarded,
                (_, { State: DeadLetterState.HandedOver }) => DeliveryStatus.HandedOver,
                (_, { State: DeadLetterState.Erased }) => DeliveryStatus.Erased,
                (_, { State: DeadLetterState.Expired }) => DeliveryStatus.Expired,
                _ => DeliveryStatus.DeadLetter,
            },
        };
    }

    private static List<EndpointAttempt> ReadAttempts(ISqlConnection connection, long sequence, Guid eventId, string? endpoint, DataKeys? keys)
    {
        var attempts = new List<EndpointAttempt>();
        using var read = connection.Prepare(connection.HasReplicas ? Attempts : AttemptsOfOne);
        read.Bind(1, sequence).Bind(2, endpoint).Bind(3, EventTimeline.MaxAttempts)
            .ForEach(row => attempts.Add(new EndpointAttempt(Column.Endpoint(row, 0), ReadAttempt(row, eventId, keys))));
        attempts.Reverse();
        return attempts;
    }

    private static Attempt ReadAttempt(ISqlRow row, Guid eventId, DataKeys? keys) => new()
    {
        Number = Column.Count(row, 1),
        StartedAt = Column.Time(row, 2),
        Duration = StoredTime.Length(Column.Number(row, 3)),
        StatusCode = Column.IsNull(row, 4) ? null : Column.Count(row, 4),
        Reason = Column.TextOrNull(row, 5),
        Error = Column.TextOrNull(row, 6),
        Response = ReadResponse(row, eventId, keys),
        BatchId = Column.IsNull(row, 8) ? null : Column.Id(row, 8),
        Replica = Column.TextOrNull(row, 10),
    };

    /// <summary>Empty for one that cannot be decrypted: the rest of the attempt is still worth an answer.</summary>
    private static byte[] ReadResponse(ISqlRow row, Guid eventId, DataKeys? keys)
    {
        if (Column.Count(row, 9) == 0)
        {
            return Column.Bytes(row, 7);
        }

        var sealedRow = SealedRow.Response(eventId, Column.IsNull(row, 8) ? null : Column.Id(row, 8), Column.Text(row, 0), Column.Count(row, 1));
        return DataKeys.Open(keys, sealedRow, Column.Blob(row, 7)) ?? [];
    }
}
