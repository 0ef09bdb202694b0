using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Accepting;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;

namespace Tests.Middleware.Filtering;

/// <summary>Filters as tests need them.</summary>
internal static class Filter
{
    public static EventFilter Of(string[]? eventTypes = null, string[]? sources = null, string? minPriority = null, string? expression = null)
    {
        Assert.True(EventFilter.TryCreate(eventTypes, sources, minPriority, expression, out var filter, out var faults), string.Join('\n', faults));
        return filter;
    }

    /// <summary>The endpoints that an event goes to.</summary>
    public static ImmutableArray<WebhookEndpoint> Matching(this EndpointRegistry endpoints, IntegrationEvent accepted)
    {
        using var route = new RouteEvent(endpoints, Made.Metrics(), new TestClock(), NullLogger<RouteEvent>.Instance);
        return route.Execute(accepted);
    }
}
