using System.Runtime.InteropServices;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Filtering;

/// <summary>Reads the <c>filter</c> of an endpoint, or of a request that tests it on an event.</summary>
internal static class FilterBody
{
    private const string Filter = "filter";
    private const string Event = "event";

    /// <summary>A filter and an event to test it on.</summary>
    public static readonly RequestShape Test = new("FilterTestRequest", "A filter and an event to test it on.", static (_, given) => Read(given, maxBytes: 0, out var _));

    private static readonly RequestShape Shape = new(
        "FilterRequest",
        "The events that an endpoint gets: those for which all given parts hold; `{}` takes everything. A part that is null is not given.",
        static (_, filter) => ReadParts(filter));

    /// <summary>Reads a filter; null when it is missing or invalid.</summary>
    public static EventFilter? Read(RequestReader given, string text, string? whenMissing = null) =>
        given.Object(Filter, text, Shape, ReadParts, wanted: "must be a JSON object; {} takes everything", whenMissing);

    /// <summary>Reads a filter and an event to test it on, which may be one of the platform itself.</summary>
    public static EventFilter? Read(RequestReader given, int maxBytes, out ReceivedEvent received)
    {
        received = default;
        var filter = Read(given, "Required; `{}` takes everything.", whenMissing: "is required; {} takes everything");
        if (given.Find(new RequestMember(Event, "EventRequest", "As it would be sent to `/integrations/events`. Required.") { WhenMissing = "is required, as it would be sent to /integrations/events" }) is not { } json)
        {
            return filter;
        }

        var raw = JsonMarshal.GetRawUtf8Value(json);
        if (raw.Length > maxBytes)
        {
            given.Refuse<string>(Event, $"is larger than {maxBytes} bytes (MAX_EVENT_BYTES)");
        }
        else if (!EventReader.TryRead(raw.ToArray(), out received, out var faults, isOwnSourceAllowed: true))
        {
            foreach (var (field, fault) in faults)
            {
                given.Errors[field == JsonBody.Body ? Event : $"{Event}.{field}"] = fault;
            }
        }

        return filter;
    }

    private static EventFilter? ReadParts(RequestReader filter)
    {
        const string Patterns = "At most 50 names or patterns of at most 256 characters, of which the event type must meet one; `*` stands for any characters.";
        var created = EventFilter.TryCreate(
            filter.Texts("event_types", NamePatterns.MaxCount, NamePatterns.MaxLength, Patterns),
            filter.Texts("sources", NamePatterns.MaxCount, NamePatterns.MaxLength, "The same for the source."),
            filter.Raw(new RequestMember("min_priority", "string", "`critical`, `high`, `medium` or `low`: this priority or a higher one.") { Enum = typeof(Priority) }),
            filter.Raw(new RequestMember("expression", "string", "CloudEvents SQL 1.0 of at most 4,096 characters, which must be true; an attribute the event lacks is no match.") { MaxLength = 4_096 }),
            out var read,
            out var faults);
        foreach (var (field, fault) in faults)
        {
            filter.Errors.TryAdd(field, [fault]);
        }

        return created ? read : null;
    }
}
