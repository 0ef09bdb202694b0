using ServiceDefaults;

namespace ExternalAlerts;

/// <summary>A media type in which alerts may come, and the names of its members.</summary>
internal sealed record AlertFormat(string MediaType, string EventId, string CorrelationId, bool Single, bool Batch)
{
    private static readonly AlertFormat[] All =
    [
        new("application/json", "event_id", "correlation_id", Single: true, Batch: true),
        new("application/cloudevents+json", "id", "correlationid", Single: true, Batch: false),
        new("application/cloudevents-batch+json", "id", "correlationid", Single: false, Batch: true),
    ];

    /// <summary>The accepted media types, for errors.</summary>
    public static string Accepted { get; } = string.Join(", ", All.Select(format => format.MediaType));

    /// <summary>The expected body, for errors.</summary>
    public string Expected => (Single, Batch) switch
    {
        (true, true) => "a JSON object or an array of objects",
        (true, false) => "a JSON object",
        _ => "an array of JSON objects",
    };

    /// <summary>The format that a Content-Type names; null for any other, and for another charset than UTF-8.</summary>
    public static AlertFormat? Of(string? contentType)
    {
        var given = Utf8Content.MediaTypeOf(contentType);
        return All.FirstOrDefault(format => format.MediaType.Equals(given, StringComparison.OrdinalIgnoreCase));
    }
}
