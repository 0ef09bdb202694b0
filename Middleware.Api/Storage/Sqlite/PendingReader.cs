using Microsoft.Data.Sqlite;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Sqlite;

/// <summary>A pending row whose event cannot be read back, with those of its ids that can.</summary>
internal sealed record UnreadableRow(long Sequence, long EventSequence, string? CorrelationId, string? EventId, string Fault);

/// <summary>Reads what is pending, for the lanes, over a connection of its own.</summary>
internal sealed class PendingReader : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _read;

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

    public IReadOnlyList<KeptBatch> ReadBatches(EndpointRow endpoint)
    {
        lock (_gate)
        {
            return KeptBatches.Read(_connection.Handle!, endpoint.Number);
        }
    }

    public void Dispose()
    {
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
            var eventId = rows.GetValue(3) is byte[] { Length: 16 } id ? new Guid(id, bigEndian: true).ToString("n") : null;
            unreadable.Add(new UnreadableRow(rows.GetInt64(0), rows.GetInt64(1), rows.GetValue(4) as string, eventId, exception.Message));
            return null;
        }
    }
}
