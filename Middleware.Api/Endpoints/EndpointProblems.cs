using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>Refusals of changes of endpoints (RFC 9457); nothing was changed.</summary>
internal static class EndpointProblems
{
    public static ProblemHttpResult Unknown(string id) => ApiProblems.NotFound(
        "The endpoint is not known.", $"There is no endpoint \"{id}\": it was never registered, or was deleted.");

    /// <summary>409 for a change that belongs elsewhere.</summary>
    public static ProblemHttpResult Declared(WebhookEndpoint endpoint) => endpoint.Origin == EndpointOrigin.BuiltIn
        ? ApiProblems.Conflict(
            "The endpoint is built in.",
            "The endpoint default comes from EXTERNAL_ENDPOINT_URL and the settings beside it; change those and start the service anew.")
        : ApiProblems.Conflict(
            "The endpoint is declared in the configuration.",
            $"The endpoint {endpoint.Id} comes from Endpoints__{endpoint.Id} in the configuration; change that and start the service anew.");

    public static ProblemHttpResult IfMatchRequired() => ApiProblems.Problem(
        StatusCodes.Status428PreconditionRequired,
        "If-Match is required.",
        "Send the ETag of the endpoint as you know it in If-Match, so that nobody's change is lost; * changes whatever is there.");

    public static ProblemHttpResult IfMatchInvalid(string given) => TypedResults.Problem(new HttpValidationProblemDetails(new Dictionary<string, string[]>
    {
        [IfMatch.Header] = [$"{given} is not accepted; expected ETags such as \"1\", separated by commas, or *"],
    })
    {
        Status = StatusCodes.Status400BadRequest,
        Title = "The request is not valid.",
    });

    public static ProblemHttpResult VersionDiffers(RegisteredEndpoint now) => ApiProblems.Problem(
        StatusCodes.Status412PreconditionFailed,
        "The endpoint was changed meanwhile.",
        $"The endpoint {now.Endpoint.Id} has the ETag {now.ETag()} now: get it and decide again.");

    /// <summary>412, or 404 for one that is gone.</summary>
    public static ProblemHttpResult NotChanged(EndpointId id, EndpointRegistry registry) => registry.FindRegistered(id) is { } now ? VersionDiffers(now) : Unknown(id.Value);

    /// <summary>400 for a fallback that is no endpoint, or goes round in a circle.</summary>
    public static ValidationProblem InvalidFallback(EndpointChange refused) => ApiProblems.Invalid("fallback_endpoint_id", refused.FallbackFault!);

    public static ProblemHttpResult HasWaiting(EndpointId id, int waiting) => ApiProblems.Conflict(
        "Deliveries wait for the endpoint.",
        $"About {waiting} deliveries wait for the endpoint {id}. Let them be delivered, or give ?waiting=dead-letter to make dead letters of them.");

    /// <summary>409 for a registration.</summary>
    public static ProblemHttpResult TooMany(int most) => ApiProblems.Conflict(
        "There are too many endpoints.",
        $"There are {most} endpoints, as many as MAX_ENDPOINTS allows: delete one, or start the service with a larger number.");

    public static ProblemHttpResult IsFallback(EndpointId id) => ApiProblems.Conflict(
        "The endpoint is a fallback.",
        $"Another endpoint has \"{id}\" as its fallback_endpoint_id; change that first.");
}
