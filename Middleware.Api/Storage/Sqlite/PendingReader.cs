using Microsoft.Data.Sqlite;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Sqlite;

/// <summary>A pending row whose event cannot be read back.</summary>
internal sealed record UnreadableRow(long Sequence, long EventSequence, string Fault);

/// <summary>Reads what is pending, for the lanes, over a connection of its own.</summary>
internal sealed class PendingReader : IDisposable
{
    /// <summary>The first of each priority by its key, and of these the event that was accepted first. Retries and replays are not live.</summary>
    public const string OldestSql =
        """
        SELECT MIN(accepted_at) FROM events WHERE seq IN (
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 0 ORDER BY seq LIMIT 1),
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 1 ORDER BY seq LIMIT 1),
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 2 ORDER BY seq LIMIT 1),
            (SELECT seq FROM pending WHERE endpoint = ?1 AND priority = 3 ORDER BY seq LIMIT 1))
        HAVING COUNT(*) > 0
        """;

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _read;
    private readonly Statement _oldest;

    public PendingReader(StoreFile file)
    {
        _connection = file.OpenReader();
        _read = _connection.CreateCommand();
        _read.CommandText =
            """
            SELECT p.seq, COALESCE(p.event, p.seq), p.replay,
                e.id, e.correlation_id, e.source, e.event_type, e.priority, e.accepted_at, e.trace_parent, e.payload,
                (SELECT failures FROM dead_letters d WHERE p.priority < 0 AND d.event = p.event AND d.endpoint = p.endpoint),
                (SELECT MAX(number) FROM attempts a WHERE p.priority < 0 AND a.seq = p.event AND a.endpoint = p.endpoint)
            FROM pending p LEFT JOIN events e ON e.seq = COALESCE(p.event, p.seq)
            WHERE p.endpoint = $endpoint AND p.priority = $priority AND p.seq > $after
            ORDER BY p.seq LIMIT $limit
            """;
        foreach (var name in (string[])["$endpoint", "$priority", "$after", "$limit"])
        {
            _read.Parameters.Add(name, SqliteType.Integer);
        }

        _read.Prepare();
        _oldest = new Statement(_connection.Handle!, OldestSql);
    }

    /// <summary>Reads a page; rows that cannot be read are left out of it and handed to <paramref name="unreadable"/>.</summary>
    public PendingPage Read(EndpointRow endpoint, Priority priority, long afterSequence, PageLimit limit, List<UnreadableRow> unreadable)
    {
        lock (_gate)
        {
            _read.Parameters[0].Value = endpoint.Number;
            _read.Parameters[1].Value = (long)priority;
            _read.Parameters[2].Value = afterSequence;
            _read.Parameters[3].Value = (long)limit.Count;

            var found = new List<Delivery>();
            var bytes = 0L;
            using var rows = _read.ExecuteReader();
            while (bytes < limit.Bytes || found.Count == 0)
            {
                if (!rows.Read())
                {
                    return new PendingPage(found, IsLast: found.Count + unreadable.Count < limit.Count);
                }

                if (TryRead(rows, endpoint.Id, priority, unreadable) is { } delivery)
                {
                    found.Add(delivery);
                    bytes += delivery.Event.Payload.Length;
                }
            }

            return new PendingPage(found, IsLast: false);
        }
    }

    /// <summary>When the oldest event was accepted that waits for an endpoint; null when none does.</summary>
    public DateTimeOffset? OldestWaiting(EndpointRow endpoint)
    {
        lock (_gate)
        {
            return _oldest.Bind(1, endpoint.Number).Scalar() is { } acceptedAt ? StoredTime.To(acceptedAt) : null;
        }
    }

    public IReadOnlyList<KeptBatch> ReadBatches(EndpointRow endpoint)
    {
        lock (_gate)
        {
            return KeptBatches.Read(_connection.Handle!, endpoint.Number);
        }
    }

    public void Dispose()
    {
        _oldest.Dispose();
        _read.Dispose();
        _connection.Dispose();
    }

    private static Delivery? TryRead(SqliteDataReader rows, EndpointId endpoint, Priority priority, List<UnreadableRow> unreadable)
    {
        try
        {
            return new Delivery
            {
                Sequence = rows.GetInt64(0),
                EventSequence = rows.GetInt64(1),
                ReplayId = rows.IsDBNull(2) ? null : rows.GetString(2),
                Event = EventRow.Read(rows, 3),
                EndpointId = endpoint,
                Priority = priority,
                Failures = rows.IsDBNull(11) ? 0 : rows.GetInt32(11),
                AttemptsBefore = rows.IsDBNull(12) ? 0 : rows.GetInt32(12),
            };
        }
        catch (Exception exception) when (exception is InvalidOperationException or InvalidCastException or ArgumentException or FormatException or OverflowException)
        {
            unreadable.Add(new UnreadableRow(rows.GetInt64(0), rows.GetInt64(1), exception.Message));
            return null;
        }
    }
}
