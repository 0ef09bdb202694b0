using Middleware.Domain;

namespace Tests.Middleware.Filters;

/// <summary>Filters as tests need them.</summary>
internal static class Filter
{
    public static EndpointFilter Of(string[]? eventTypes = null, string[]? sources = null, string? minPriority = null, string? expression = null)
    {
        Assert.True(EndpointFilter.TryCreate(eventTypes, sources, minPriority, expression, out var filter, out var faults), string.Join('\n', faults));
        return filter;
    }
}
