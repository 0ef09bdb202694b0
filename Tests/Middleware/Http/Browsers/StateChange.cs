using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Middleware.Http;
using Tests.Middleware.Http.Contract;

namespace Tests.Middleware.Http.Browsers;

/// <summary>A request to a route by a method that may change something. Nothing is known by the ids in its path.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, with all its parameters filled.</param>
/// <param name="MediaType">A media type that the route accepts.</param>
internal sealed record StateChange(HttpMethod Method, string Path, string MediaType)
{
    /// <summary>One for each such method of each mapped route; POST for a route that names no method.</summary>
    public static List<StateChange> All(IServiceProvider services)
    {
        List<StateChange> all = [.. MappedRoute.EndpointsOf(services).SelectMany(Of)];

        // So that nothing passes for want of routes.
        Assert.Superset(
            new HashSet<string> { "POST /integrations/events", "POST /v2/integrations/events/batch", "POST /api/v1/replays", "DELETE /api/v1/replays/x", "PATCH /api/v1/endpoints/x" },
            all.Select(static change => $"{change.Method} {change.Path}").ToHashSet());
        return all;
    }

    private static IEnumerable<StateChange> Of(RouteEndpoint endpoint)
    {
        var path = Regex.Replace("/" + endpoint.RoutePattern.RawText!.Trim('/').Replace("{version}", "2", StringComparison.Ordinal), @"\{[^}]+\}", "x");
        var mediaType = endpoint.Metadata.GetMetadata<DescribedBody>()?.MediaTypes[0] ?? JsonMediaType.Json;
        IEnumerable<string> named = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
        return named.DefaultIfEmpty("POST").Where(CrossOrigin.ChangesState).Select(method => new StateChange(new HttpMethod(method), path, mediaType));
    }
}
