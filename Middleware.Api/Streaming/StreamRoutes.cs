using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Callers;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;
using Middleware.History;
using Middleware.Http;

namespace Middleware.Streaming;

/// <summary>The route that shows events as they are accepted.</summary>
internal static class StreamRoutes
{
    private const string LastEventId = "Last-Event-ID";
    private const string LastId = "last_event_id";
    private const string RetryAfterSeconds = "5";

    public static IServiceCollection AddStreaming(this IServiceCollection services) => services.AddSingleton<EventStreams>();

    public static void MapStream(this IEndpointRouteBuilder routes) => routes.MapGet(HistoryRoutes.Path + "/stream", Stream)
        .WithTags("Events").Needs(Scopes.EventsRead).Reads(LastEventId).Asks(static query => Asked(query))
        .Streams(nameof(AcceptedEventItem))
        .Refuses(503, "100 listeners are there already, which is the most of a replica.");

    /// <summary>
    /// Shows events as they are accepted, by any replica, as server-sent events (WHATWG HTML). Each is <c>event: accepted</c> with an item in its data,
    /// without payload, status or counts. The stream begins with the next event. With the id of an event it goes on after that event, at any replica. No
    /// event is left out or comes twice. An id may be older than the events that are kept (<c>RETENTION</c>): then the stream begins at the oldest. A comment
    /// comes every 15 seconds. A listener reads at most 2,000 rows a second, all listeners of a replica 5,000; a listener that is behind catches up. The
    /// stream ends with the service, and when the credential is not valid any more.
    /// </summary>
    private static Results<EventStreamResult, ValidationProblem, ProblemHttpResult> Stream(HttpContext context, IAcceptedEvents events, EventStreams streams, Gate gate)
    {
        var given = RequestReader.Of(context.Request.Query);
        var (query, last) = Asked(given);
        if (query.ReadsPayloads && !context.Caller().HasAny(Scopes.PayloadsRead))
        {
            // A search would say bit by bit what the payload is.
            return ApiProblems.MissingScope(context, Scopes.PayloadsRead);
        }

        // A browser that comes back keeps its address, and the id in it may be older.
        string? header = context.Request.Headers[LastEventId];
        var (name, text) = string.IsNullOrEmpty(header) ? (LastId, last) : (LastEventId, header);
        var place = string.IsNullOrEmpty(text) ? events.Now() : events.FindPlace(text);
        if (place is null)
        {
            given.Refuse<string>(name, $"\"{Short(text!)}\" is no id of this stream; expected the id of an event of it, or none");
        }

        return given.Refusal() is { } refusal ? refusal
            : streams.TryListen(query, place!) is { } listener ? new EventStreamResult(listener, streams, gate)
            : TooMany(context);
    }

    private static ProblemHttpResult TooMany(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return ApiProblems.Problem(
            StatusCodes.Status503ServiceUnavailable,
            "Too many listen already.",
            $"{EventStreams.Most} listeners follow the events of this replica, which is the most. Listen again later, or read GET {HistoryRoutes.Path}.");
    }

    private static (StreamQuery Query, string? Last) Asked(RequestReader query)
    {
        var fields = new HistoryQuery
        {
            Source = query.Text("source", EventReader.MaxNameLength, "The source, exactly."),
            EventType = query.Text("event_type", EventReader.MaxNameLength, "The event type, exactly."),
            Priority = query.OneOf("priority", Priorities.Names, "`critical`, `high`, `medium` or `low`."),
            CorrelationId = query.CorrelationId("The correlation id, exactly."),
            Text = query.Text("q", EventReader.MaxNameLength, "A part of the payload, in any case; at most 256 characters. Needs the scope `payloads:read`."),
        };
        var filter = query.Text("filter", CesqlExpression.MaxLength, "CloudEvents SQL 1.0 of at most 4,096 characters, as a filter of an endpoint has it. Needs the scope `payloads:read`.");
        var last = query.Raw(new RequestMember(LastId, "string", "As the header Last-Event-ID, for those who cannot set it; the header comes first.") { MaxLength = StreamPlace.MaxLength });
        return (new StreamQuery(fields, Read(query, filter)), last);
    }

    private static EventFilter? Read(RequestReader query, string? expression) =>
        expression is null ? null
        : EventFilter.TryCreate(null, null, null, expression, out var filter, out var faults) ? filter
        : query.Refuse<EventFilter>("filter", string.Join("; ", faults.Select(static fault => fault.Fault)));

    private static string Short(string text) => text.Length > 100 ? text[..100] + "..." : text;
}
