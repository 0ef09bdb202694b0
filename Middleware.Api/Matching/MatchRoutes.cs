using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.DeadLetters;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.History;
using Middleware.Http;

namespace Middleware.Matching;

/// <summary>The route that explains which endpoints get an event, and why.</summary>
internal static class MatchRoutes
{
    // The fault of an expression may quote the payload.
    public static void MapMatches(this IEndpointRouteBuilder routes) => routes.MapGet(HistoryRoutes.Path + "/{event_id}/matches", Matches)
        .WithTags("Events").HoldsItsAnswer().Needs(Scopes.PayloadsRead).Asks(static query => query.EndpointPage()).SeesChangesOfEndpoints()
        .Refuses(404).Refuses(410, "It was erased, or its payload cannot be read.").Refuses(503);

    /// <summary>
    /// Judges an event by the filter of each endpoint as it is now, in the order of the list of endpoints. The timeline shows which endpoints matched
    /// when it was accepted.
    /// </summary>
    private static async Task<Results<Ok<ListPage<EndpointMatch>>, ValidationProblem, ProblemHttpResult>> Matches(
        string event_id, HttpContext context, IEventHistory history, EndpointRegistry endpoints, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(event_id, "n", out var id))
        {
            return HistoryProblems.InvalidEventId(event_id);
        }

        var query = RequestReader.Of(context.Request.Query);
        var (after, limit) = query.EndpointPage();
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        if (await history.FindEventAsync(id, cancellationToken) is not { } found)
        {
            return HistoryProblems.UnknownEvent(id);
        }

        if (found.Payload is not { } payload)
        {
            return found.Status == EventStatus.Erased ? DeadLetterProblems.ErasedEvent(id) : HistoryProblems.UnreadableEvent(id);
        }

        var accepted = new IntegrationEvent
        {
            Id = found.Id,
            CorrelationId = found.CorrelationId,
            Source = found.Source,
            EventType = found.EventType,
            Priority = found.Priority,
            AcceptedAt = found.AcceptedAt,
            ExpiresAt = found.ExpiresAt,
            Payload = payload.Bytes,
        };
        var page = endpoints.List(after, limit + 1);
        List<EndpointMatch> judged = [];
        foreach (var known in page.Take(limit))
        {
            cancellationToken.ThrowIfCancellationRequested();
            judged.Add(new EndpointMatch(known.Endpoint.Id, known.Endpoint.Filter.Judge(accepted)));
        }

        return TypedResults.Ok(new ListPage<EndpointMatch>(judged, page.Count > limit ? EndpointPages.CursorOf(EndpointPlace.Of(page[limit - 1].Endpoint)) : null));
    }
}

/// <summary>The verdict of an endpoint's filter on an event.</summary>
internal sealed class EndpointMatch(EndpointId endpoint, FilterVerdict verdict)
{
    /// <summary>The endpoint.</summary>
    public EndpointId EndpointId => endpoint;

    /// <summary>True when all parts hold.</summary>
    public bool Matches => verdict.Matches;

    /// <summary>The verdict of each part.</summary>
    public FilterParts Parts => verdict.Parts;

    /// <summary>The fault of the expression's evaluation; null for none.</summary>
    public ExpressionFault? Error => verdict.Error;
}
