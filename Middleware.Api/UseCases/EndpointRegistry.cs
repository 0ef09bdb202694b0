using System.Collections.Immutable;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>The endpoints there are, and which of them an event is for.</summary>
internal sealed class EndpointRegistry(BuiltInEndpoint builtIn)
{
    public ImmutableArray<WebhookEndpoint> All { get; } = builtIn.Endpoint is { } endpoint ? [endpoint] : [];

    /// <summary>The endpoints that must hear of an event; empty when none matches.</summary>
    public ImmutableArray<WebhookEndpoint> Matching(IntegrationEvent accepted) => All;

    /// <summary>The endpoint as it is now; null when it is gone.</summary>
    public WebhookEndpoint? Find(EndpointId id)
    {
        foreach (var endpoint in All)
        {
            if (endpoint.Id == id)
            {
                return endpoint;
            }
        }

        return null;
    }

    /// <summary>The ids of all of them.</summary>
    public ImmutableArray<EndpointId> Ids() => [.. All.Select(static endpoint => endpoint.Id)];
}
