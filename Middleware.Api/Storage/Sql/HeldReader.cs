using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>Reads held deliveries, for the lanes, over a connection of its own. Throws <see cref="StoreUnavailableException"/>.</summary>
internal sealed class HeldReader : IDisposable
{
    /// <summary>The most deliveries of a page.</summary>
    private const int PageSize = 64;

    /// <summary>The bytes from which a page has no more.</summary>
    private const long PageBytes = 1 << 20;

    /// <summary>The most rows that a page looks at: those at hand are passed over.</summary>
    private const int MostRows = 4_096;

    private readonly Lock _gate = new();
    private readonly DataKeys? _keys;
    private readonly ISqlConnection _connection;
    private readonly SqlStatement _due;
    private readonly SqlStatement _next;
    private readonly SqlStatement _read;
    private readonly SqlStatement _isOwed;
    private readonly SqlStatement _isHeld;

    public HeldReader(ISqlConnection connection, DataKeys? keys)
    {
        (_connection, _keys) = (connection, keys);
        _due = connection.Prepare($"SELECT key_hash, seq FROM held WHERE endpoint = ?1 AND due <= ?2 {IfOfLane("seq")} ORDER BY due, key_hash LIMIT ?5");
        _next = connection.Prepare($"SELECT MIN(due) FROM held WHERE endpoint = ?1 AND due > ?2 {IfOfLane("seq")}");
        _read = connection.Prepare($"""
            SELECT h.seq, h.seq, h.replay, {EventRow.Columns},
                (SELECT failures FROM dead_letters d WHERE h.priority < 0 AND d.event = h.seq AND d.endpoint = h.endpoint),
                (SELECT MAX(number) FROM attempts a WHERE (h.priority < 0 OR h.tries IS NOT NULL) AND a.seq = h.seq AND a.endpoint = h.endpoint),
                h.tries, h.due, h.key_hash, h.priority
            FROM held h LEFT JOIN events e ON e.seq = h.seq
            WHERE h.endpoint = ?1 AND h.key_hash = ?2 AND h.seq = ?3 AND h.due <= ?4
            """);
        _isOwed = connection.Prepare("SELECT (SELECT COUNT(*) FROM replays WHERE id = ?1 AND state = 2) FROM held WHERE endpoint = ?2 AND key_hash = ?3 AND seq = ?4");
        _isHeld = connection.Prepare("SELECT 1 FROM held WHERE endpoint = ?1 AND key_hash = ?2 AND seq = ?3");
    }

    /// <summary>Reads a page; rows that cannot be read are left out of it and handed to <paramref name="unreadable"/>.</summary>
    public HeldPage Read(EndpointRow endpoint, LaneId lane, DateTimeOffset through, Func<long, bool> isAtHand, List<(Priority Priority, UnreadableRow Row)> unreadable) => OneAtATime(() =>
    {
        var found = new List<(long Key, long Event)>();
        var isMore = OfLane(_due.Bind(1, endpoint.Number).Bind(2, StoredTime.From(through)).Bind(5, MostRows), lane).While(row =>
        {
            if (Column.Number(row, 0) is var key && !isAtHand(key))
            {
                found.Add((key, Column.Number(row, 1)));
            }

            return found.Count < PageSize;
        });
        var (due, bytes) = (new List<Delivery>(found.Count), 0L);
        foreach (var (key, eventSequence) in found)
        {
            if (bytes >= PageBytes)
            {
                isMore = true;
                break;
            }

            _read.Bind(1, endpoint.Number).Bind(2, key).Bind(3, eventSequence).Bind(4, StoredTime.From(through)).ForEach(row => Add(row, lane, due, unreadable));
            bytes += due is [.., var last] ? last.HeldBytes : 0;
        }

        return new HeldPage(due, isMore ? DateTimeOffset.MinValue : NextAt(endpoint, lane, through));
    });

    /// <summary>The keys that wait for a failed delivery, at most so many.</summary>
    public HeldKeysPage ReadKeys(EndpointRow endpoint, LaneId lane, int most) => OneAtATime(() =>
    {
        var keys = new List<long>();
        using var read = _connection.Prepare(
            $"""
            SELECT DISTINCT key_hash FROM held WHERE endpoint = ?1 {IfOfLane("seq")}
            UNION SELECT blocks FROM dead_letters WHERE endpoint = ?1 AND blocks IS NOT NULL {IfOfLane("event")}
            LIMIT ?2
            """);
        OfLane(read.Bind(1, endpoint.Number).Bind(2, most + 1L), lane).ForEach(row => keys.Add(Column.Number(row, 0)));
        return keys.Count <= most ? new HeldKeysPage(keys, IsAll: true) : new HeldKeysPage(keys[..most], IsAll: false);
    });

    /// <inheritdoc cref="PendingReader.IsOwed"/>
    public bool? IsOwed(EndpointRow endpoint, string replay, Delivery delivery) => OneAtATime(() =>
        _isOwed.Bind(1, replay).Bind(2, endpoint.Number).Bind(3, delivery.Key).Bind(4, delivery.EventSequence).Scalar() is { } cancelled ? cancelled == 0 : (bool?)null);

    /// <summary>True for a delivery that is still held.</summary>
    public bool IsHeld(EndpointRow endpoint, Delivery delivery) => OneAtATime(() =>
        _isHeld.Bind(1, endpoint.Number).Bind(2, delivery.Key).Bind(3, delivery.EventSequence).Scalar() is not null);

    public void Dispose()
    {
        foreach (var statement in (SqlStatement[])[_due, _next, _read, _isOwed, _isHeld])
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private T OneAtATime<T>(Func<T> read)
    {
        lock (_gate)
        {
            return ReadConnection.OrUnavailable(read);
        }
    }

    private string IfOfLane(string eventSequence) => _connection.HasReplicas ? ShardSql.Condition("key_hash", eventSequence, 3, 4) : "";

    private SqlStatement OfLane(SqlStatement statement, LaneId lane) => _connection.HasReplicas ? statement.BindLane(3, 4, lane) : statement;

    private void Add(ISqlRow row, LaneId lane, List<Delivery> due, List<(Priority Priority, UnreadableRow Row)> unreadable)
    {
        var faults = new List<UnreadableRow>();
        var priority = Column.Priority(row, 17);
        if (PendingReader.TryRead(row, lane, priority, _keys, _connection.HasReplicas, faults, isHeld: true) is { } delivery)
        {
            due.Add(delivery);
        }

        unreadable.AddRange(faults.Select(fault => (priority, fault)));
    }

    private DateTimeOffset? NextAt(EndpointRow endpoint, LaneId lane, DateTimeOffset through) =>
        OfLane(_next.Bind(1, endpoint.Number).Bind(2, StoredTime.From(through)), lane).Scalar() is { } at ? StoredTime.To(at) : null;
}
