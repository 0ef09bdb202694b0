using Microsoft.AspNetCore.Routing.Matching;

namespace Middleware.Api.Versions;

/// <summary>Whether a route is for requests that bear the header of the version, or for those that do not.</summary>
internal sealed record VersionHeader(bool IsGiven);

/// <summary>
/// Keeps requests without the header of the version away from Asp.Versioning, whose policy reads and parses it for each request of a path:
/// the route of version 1 costs them a look for one header.
/// </summary>
internal sealed class VersionHeaderPolicy : MatcherPolicy, INodeBuilderPolicy
{
    /// <summary>Before that of Asp.Versioning, and all others.</summary>
    public override int Order => -10_000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        endpoints.Any(static endpoint => endpoint.Metadata.GetMetadata<VersionHeader>() is not null);

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints) => [Edge(endpoints, isGiven: false), Edge(endpoints, isGiven: true)];

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges) =>
        new HeaderJumps(edges.Single(static edge => edge.State is false).Destination, edges.Single(static edge => edge.State is true).Destination);

    private static PolicyNodeEdge Edge(IReadOnlyList<Endpoint> endpoints, bool isGiven) => new(
        isGiven, [.. endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<VersionHeader>() is not { } header || header.IsGiven == isGiven)]);

    private sealed class HeaderJumps(int without, int with) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) => httpContext.Request.Headers.ContainsKey(AcceptVersions.Header) ? with : without;
    }
}
