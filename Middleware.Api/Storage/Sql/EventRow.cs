using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>Reads an event from the columns id, correlation_id, source, event_type, priority, accepted_at, trace_parent, payload, expires_at.</summary>
internal static class EventRow
{
    public const string Columns = "e.id, e.correlation_id, e.source, e.event_type, e.priority, e.accepted_at, e.trace_parent, e.payload, e.expires_at";

    /// <summary>Null, with the fault, when the row is not one that was written here.</summary>
    public static IntegrationEvent? TryRead(ISqlRow row, int first, DataKeys? keys, out string fault)
    {
        var (id, priority, acceptedAt) = (Column.Id(row, first), Column.Priority(row, first + 4), Column.Number(row, first + 5));
        fault = (id, priority, acceptedAt) switch
        {
            _ when id == Guid.Empty => "it has no event, or one without an id",
            _ when !Enum.IsDefined(priority) => $"{(int)priority} is not a priority",
            _ when acceptedAt < 0 || acceptedAt > StoredTime.Latest => $"{acceptedAt} is not a time",
            _ => "",
        };
        var payload = fault.Length > 0 ? null : DataKeys.Open(keys, SealedRow.Payload(id), Column.Blob(row, first + 7));

        // That of an erased event is empty, and nothing of one is pending.
        fault = fault.Length > 0 ? fault : payload is null ? "its payload cannot be decrypted" : payload.Length == 0 ? "it has no payload" : "";
        return payload is not { Length: > 0 } ? null : new IntegrationEvent
        {
            Id = id,
            CorrelationId = Column.Text(row, first + 1),
            Source = Column.Text(row, first + 2),
            EventType = Column.Text(row, first + 3),
            Priority = priority,
            AcceptedAt = StoredTime.To(acceptedAt),
            ExpiresAt = Column.TimeOrNull(row, first + 8),
            TraceParent = Column.TextOrNull(row, first + 6),
            Payload = payload,
        };
    }
}
