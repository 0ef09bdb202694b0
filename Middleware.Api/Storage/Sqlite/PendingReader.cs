using Microsoft.Data.Sqlite;
using Middleware.Domain;

namespace Middleware.Storage.Sqlite;

/// <summary>Reads what is pending, for the lanes, over a connection of its own.</summary>
internal sealed class PendingReader : IDisposable
{
    private readonly Lock _gate = new();
    private readonly EndpointRows _endpoints;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _read;

    public PendingReader(StoreFile file, EndpointRows endpoints)
    {
        _endpoints = endpoints;
        _connection = file.OpenReader();
        _read = _connection.CreateCommand();
        _read.CommandText =
            """
            SELECT p.seq, e.id, e.correlation_id, e.source, e.event_type, e.priority, e.accepted_at, e.trace_parent, e.payload
            FROM pending p JOIN events e ON e.seq = p.seq
            WHERE p.endpoint = $endpoint AND p.priority = $priority AND p.seq > $after
            ORDER BY p.seq LIMIT $limit
            """;
        foreach (var name in (string[])["$endpoint", "$priority", "$after", "$limit"])
        {
            _read.Parameters.Add(name, SqliteType.Integer);
        }

        _read.Prepare();
    }

    public List<Delivery> Read(EndpointId endpoint, Priority priority, long afterSequence, int limit)
    {
        if (_endpoints.Find(endpoint) is not { } row)
        {
            return [];
        }

        lock (_gate)
        {
            _read.Parameters[0].Value = row.Number;
            _read.Parameters[1].Value = (long)priority;
            _read.Parameters[2].Value = afterSequence;
            _read.Parameters[3].Value = (long)limit;

            var found = new List<Delivery>();
            using var rows = _read.ExecuteReader();
            while (rows.Read())
            {
                found.Add(new Delivery(rows.GetInt64(0), ReadEvent(rows), endpoint));
            }

            return found;
        }
    }

    public void Dispose()
    {
        _read.Dispose();
        _connection.Dispose();
    }

    private static IntegrationEvent ReadEvent(SqliteDataReader rows) => new()
    {
        Id = new Guid(rows.GetFieldValue<byte[]>(1), bigEndian: true),
        CorrelationId = rows.GetString(2),
        Source = rows.GetString(3),
        EventType = rows.GetString(4),
        Priority = (Priority)rows.GetInt32(5),
        AcceptedAt = StoredTime.To(rows.GetInt64(6)),
        TraceParent = rows.IsDBNull(7) ? null : rows.GetString(7),
        Payload = rows.GetFieldValue<byte[]>(8),
    };
}
