using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>A pending row, or a held one of a key, whose event cannot be read back, with those of its ids that can.</summary>
internal sealed record UnreadableRow(long Sequence, long EventSequence, string? CorrelationId, string? EventId, string Fault, long? HeldKey = null);

/// <summary>Reads pending deliveries, for the lanes, over a connection of its own. Throws <see cref="StoreUnavailableException"/>.</summary>
internal sealed class PendingReader : IDisposable
{
    /// <summary>
    /// The SQL of the first of each priority by its key, and of these the event that was accepted first. Retries and replays are not live.
    /// </summary>
    public const string OldestSql =
        """
        SELECT MIN(accepted_at) FROM events WHERE seq IN (
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 0 ORDER BY seq LIMIT 1),
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 1 ORDER BY seq LIMIT 1),
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 2 ORDER BY seq LIMIT 1),
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 3 ORDER BY seq LIMIT 1),
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 4 ORDER BY seq LIMIT 1),
            (SELECT MIN(seq) FROM held WHERE endpoint = ?1))
        HAVING COUNT(*) > 0
        """;

    /// <summary>The SQL of what <see cref="TryRead"/> reads of pending rows p, new and never tried, and of their events e.</summary>
    public const string ColumnsOfNew = $"p.seq, p.seq, NULL, {EventRow.Columns}, 0, 0, NULL, NULL, p.key_hash";

    // The marks are made an array once for each read, and not for each row.
    private const string OfStreams = "AND p.seq > ((SELECT string_to_array(?5, ',')::bigint[]))[((p.seq >> 16) & 63)::int + 1] ";

    private const int FirstOfEvent = 3;
    private const int Payload = FirstOfEvent + 7;

    private readonly Lock _gate = new();
    private readonly DataKeys? _keys;
    private readonly int _streams;
    private readonly ISqlConnection _connection;
    private readonly SqlStatement _read;
    private readonly SqlStatement _oldest;
    private readonly SqlStatement _isOwed;
    private readonly SqlStatement _isPending;

    public PendingReader(ISqlConnection connection, DataKeys? keys, int streams)
    {
        (_keys, _streams) = (keys, streams);
        _connection = connection;
        _read = _connection.Prepare($"""
            SELECT p.seq, COALESCE(p.event, p.seq), p.replay, {EventRow.Columns},
                (SELECT failures FROM dead_letters d WHERE p.priority < 0 AND d.event = p.event AND d.endpoint = p.endpoint),
                (SELECT MAX(number) FROM attempts a
                    WHERE (p.priority < 0 OR p.tries IS NOT NULL) AND a.seq = COALESCE(p.event, p.seq) AND a.endpoint = p.endpoint),
                p.tries, p.not_before, p.key_hash
            FROM pending p LEFT JOIN events e ON e.seq = COALESCE(p.event, p.seq)
            WHERE p.endpoint = ?1 AND p.priority = ?2 AND p.seq > ?3 {(streams > 1 ? OfStreams + ShardSql.Condition("p.key_hash", "COALESCE(p.event, p.seq)", 6, 7) : "")}
            ORDER BY p.seq LIMIT ?4
            """);
        _oldest = _connection.Prepare(OldestSql);
        _isOwed = _connection.Prepare("SELECT (SELECT COUNT(*) FROM replays WHERE id = ?1 AND state = 2) FROM pending WHERE endpoint = ?2 AND priority = -1 AND seq = ?3");
        _isPending = _connection.Prepare("SELECT 1 FROM pending WHERE endpoint = ?1 AND priority = ?2 AND seq = ?3");
    }

    /// <summary>Reads a page; rows that cannot be read are left out of it and handed to <paramref name="unreadable"/>.</summary>
    public PendingPage Read(EndpointRow endpoint, LaneId lane, Priority priority, SequenceMarks after, PageLimit limit, List<UnreadableRow> unreadable) => OneAtATime(() =>
    {
        var found = new List<Delivery>();
        var bytes = 0L;
        if (_streams > 1)
        {
            _read.Bind(5, string.Join(',', after.All)).BindLane(6, 7, lane);
        }

        var isCut = _read.Bind(1, endpoint.Number).Bind(2, (long)priority).Bind(3, after.Lowest).Bind(4, limit.Count).While(row =>
        {
            if (TryRead(row, lane, priority, _keys, _streams > 1, unreadable) is { } delivery)
            {
                found.Add(delivery);
                bytes += delivery.HeldBytes;
            }

            return bytes < limit.Bytes || found.Count == 0;
        });
        return new PendingPage(found, IsLast: !isCut && found.Count + unreadable.Count < limit.Count);
    });

    /// <summary>The time at which the oldest event was accepted that waits for an endpoint; null when none does.</summary>
    public DateTimeOffset? OldestWaiting(EndpointRow endpoint) =>
        OneAtATime(() => _oldest.Bind(1, endpoint.Number).Scalar() is { } acceptedAt ? StoredTime.To(acceptedAt) : (DateTimeOffset?)null);

    /// <summary>True when a delivery of a replay is still owed, false when the replay was cancelled, null when it has ended.</summary>
    public bool? IsOwed(EndpointRow endpoint, string replay, long sequence) =>
        OneAtATime(() => _isOwed.Bind(1, replay).Bind(2, endpoint.Number).Bind(3, sequence).Scalar() is { } cancelled ? cancelled == 0 : (bool?)null);

    /// <summary>Those of an endpoint's deliveries that are pending or held.</summary>
    public IReadOnlyList<Delivery> Owed(EndpointRow endpoint, IReadOnlyList<Delivery> deliveries, Func<EndpointRow, Delivery, bool> isHeld) => OneAtATime<IReadOnlyList<Delivery>>(() =>
    [
        .. deliveries.Where(delivery => delivery.IsHeld ? isHeld(endpoint, delivery)
            : _isPending.Bind(1, endpoint.Number).Bind(2, (long)delivery.Priority).Bind(3, delivery.Sequence).Scalar() is not null),
    ]);

    /// <summary>All deliveries that are pending, and the dead letters that rest.</summary>
    public long CountOwed() => OneAtATime(() =>
    {
        using var count = _connection.Prepare("SELECT (SELECT COUNT(*) FROM pending) + (SELECT COUNT(*) FROM held) + (SELECT COUNT(*) FROM dead_letters WHERE state = 0)");
        return count.Scalar()!.Value;
    });

    public IReadOnlyList<KeptBatch> ReadBatches(EndpointRow endpoint) => OneAtATime(() => KeptBatches.Read(_connection, endpoint.Number));

    public void Dispose()
    {
        _isPending.Dispose();
        _isOwed.Dispose();
        _oldest.Dispose();
        _read.Dispose();
        _connection.Dispose();
    }

    /// <summary>Reads a delivery from the columns that the statements of pending and held rows have; null for one that cannot be read.</summary>
    public static Delivery? TryRead(
        ISqlRow row, LaneId lane, Priority priority, DataKeys? keys, bool hasReplicas, List<UnreadableRow> unreadable, bool isHeld = false)
    {
        var (sequence, eventSequence) = (Column.Number(row, 0), Column.Number(row, 1));
        var key = Column.IsNull(row, 16) ? default(long?) : Column.Number(row, 16);
        if (hasReplicas && keys is null && SealedBytes.IsSealed(Column.Blob(row, Payload)))
        {
            // Another replica has a master key since: the event is whole, and waits for a start of this one with the key.
            throw new StoreUnavailableException("Another replica encrypts the store: start this one with its MASTER_KEY too.");
        }

        if (EventRow.TryRead(row, FirstOfEvent, keys, out var fault) is not { } pending)
        {
            var eventId = Column.Id(row, FirstOfEvent) is var id && id != Guid.Empty ? id.ToString("n") : null;
            unreadable.Add(new UnreadableRow(sequence, eventSequence, Column.TextOrNull(row, 4), eventId, fault, isHeld ? key : null));
            return null;
        }

        return lane.Place(new Delivery
        {
            Sequence = sequence,
            EventSequence = eventSequence,
            ReplayId = Column.TextOrNull(row, 2),
            Event = pending,
            EndpointId = lane.Endpoint,
            Priority = priority,
            Failures = Column.Count(row, 12),
            AttemptsBefore = Column.Count(row, 13),
            Tries = Column.Count(row, 14),
            NotBefore = Column.TimeOrNull(row, 15),
            Key = key,
            IsHeld = isHeld,
        });
    }

    private T OneAtATime<T>(Func<T> read)
    {
        lock (_gate)
        {
            return ReadConnection.OrUnavailable(read);
        }
    }
}
