using System.Globalization;
using System.Text.Json;
using Middleware.Events;
using Middleware.Filtering.Cesql;

namespace Middleware.Filtering;

/// <summary>
/// An event with the attributes that filters use: those of CloudEvents, and the scalar members of its metadata (<see cref="MetadataAttributes"/>)
/// under other names. Made for the filters that judge one event, on one thread. A value read for one is kept for the next, and only values that a
/// filter asks for are read.
/// </summary>
internal sealed class FilteredEvent(IntegrationEvent accepted) : ICesqlAttributes
{
    private string? _id;
    private string? _time;
    private string? _severity;
    private MetadataAttributes? _metadata;

    public string EventType => accepted.EventType;

    public string Source => accepted.Source;

    public Priority Priority => accepted.Priority;

    public bool TryGet(string name, out CesqlValue value)
    {
        var text = name switch
        {
            "id" => _id ??= accepted.IdText,
            "source" => accepted.Source,
            "type" => accepted.EventType,
            "time" => _time ??= accepted.AcceptedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            "specversion" => "1.0",
            "severity" => _severity ??= ReadSeverity(),
            "priority" => accepted.Priority.Name(),
            "correlationid" => accepted.CorrelationId,
            _ => null,
        };
        if (text is null)
        {
            return (_metadata ??= MetadataAttributes.Read(accepted.Payload)).TryGet(name, out value);
        }

        value = new CesqlValue(text);
        return true;
    }

    private string ReadSeverity()
    {
        var reader = new Utf8JsonReader(accepted.Payload.Span);
        return EventPayload.MoveTo(ref reader, "severity"u8) ? reader.GetString() ?? "" : "";
    }
}
