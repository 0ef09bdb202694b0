using Microsoft.Net.Http.Headers;
using Middleware.Http;

namespace Middleware.Accepting;

/// <summary>The description of the routes that accept events, for the OpenAPI document.</summary>
internal static class AcceptDescription
{
    public static TRoute TakesAnEvent<TRoute>(this TRoute route, params AcceptForm[] forms)
        where TRoute : IEndpointConventionBuilder
    {
        foreach (var form in forms)
        {
            route.Answers(form.Status, "AcceptedEvent", $"The event is kept{InVersion(form, forms)}.").Shows(form.Status, IdempotencyKey.ReplayedHeader);
            if (form.TellsLocation)
            {
                route.Shows(form.Status, HeaderNames.Location);
            }
        }

        return route.Accepting(isVersionNamed: forms.Length > 1)
            .Takes(new DescribedBody("EventRequest", [JsonMediaType.Json]))
            .RefusesBodies("The body is larger than `MAX_EVENT_BYTES`, 256 KiB unless set otherwise.")
            .Refuses(StatusCodes.Status503ServiceUnavailable, "Every endpoint that matches the event has a full queue, the store is not available, or more is sent at once than there is room for; nothing was kept.");
    }

    public static TRoute TakesManyEvents<TRoute>(this TRoute route, params AcceptForm[] forms)
        where TRoute : IEndpointConventionBuilder
    {
        foreach (var form in forms)
        {
            route.Answers(form.Status, "AcceptedBatch", $"Each event was judged, and each accepted one is kept{InVersion(form, forms)}.")
                .Shows(form.Status, IdempotencyKey.ReplayedHeader);
        }

        return route.Accepting(isVersionNamed: forms.Length > 1)
            .Takes(new DescribedBody("EventRequest", [JsonMediaType.Json, JsonMediaType.Lines]) { IsMany = true })
            .RefusesBodies("The body is larger than 8 MiB; nothing of it was kept.")
            .Refuses(StatusCodes.Status503ServiceUnavailable, "The store is not available, or more is sent at once than there is room for; nothing was kept.");
    }

    private static TRoute Accepting<TRoute>(this TRoute route, bool isVersionNamed)
        where TRoute : IEndpointConventionBuilder => route
            .WithTags("Accepting")
            .Reads([IdempotencyKey.Header, .. isVersionNamed ? (string[])[AcceptVersions.Header] : [], HeaderNames.TraceParent])
            .ShowsAlways("api-supported-versions", "Deprecation", "Sunset", HeaderNames.Link)
            .RefusesFaults()
            .Refuses(StatusCodes.Status422UnprocessableEntity, "The `Idempotency-Key` was used within the last 24 hours with another body; nothing was kept.");

    private static string InVersion(AcceptForm form, AcceptForm[] all) => all.Length == 1 ? "" : form == AcceptForm.One ? ", by version 1.0" : ", by version 2.0";
}
