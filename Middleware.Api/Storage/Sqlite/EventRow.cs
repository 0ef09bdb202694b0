using Microsoft.Data.Sqlite;
using Middleware.Domain;

namespace Middleware.Storage.Sqlite;

/// <summary>Reads an event from the columns id, correlation_id, source, event_type, priority, accepted_at, trace_parent, payload.</summary>
internal static class EventRow
{
    public const string Columns = "e.id, e.correlation_id, e.source, e.event_type, e.priority, e.accepted_at, e.trace_parent, e.payload";

    /// <summary>Throws what the conversion throws when the row is not one that was written here.</summary>
    public static IntegrationEvent Read(SqliteDataReader rows, int first)
    {
        var priority = (Priority)rows.GetInt32(first + 4);
        return new IntegrationEvent
        {
            Id = new Guid(rows.GetFieldValue<byte[]>(first), bigEndian: true),
            CorrelationId = rows.GetString(first + 1),
            Source = rows.GetString(first + 2),
            EventType = rows.GetString(first + 3),
            Priority = Enum.IsDefined(priority) ? priority : throw new FormatException($"{(int)priority} is no priority"),
            AcceptedAt = StoredTime.To(rows.GetInt64(first + 5)),
            TraceParent = rows.IsDBNull(first + 6) ? null : rows.GetString(first + 6),
            Payload = rows.GetFieldValue<byte[]>(first + 7),
        };
    }
}
