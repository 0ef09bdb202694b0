using Middleware.Events;

namespace Middleware.Endpoints;

/// <summary>The chain of fallbacks: no endpoint may lead back to itself.</summary>
internal static class FallbackChain
{
    /// <summary>The fault of an endpoint's fallback among the others that <paramref name="find"/> knows; null for none.</summary>
    public static string? FaultIn(WebhookEndpoint endpoint, Func<EndpointId, WebhookEndpoint?> find)
    {
        if (endpoint.FallbackId is not { } fallback)
        {
            return null;
        }

        if (fallback == endpoint.Id)
        {
            return "is the endpoint itself";
        }

        if (find(fallback) is not { } next)
        {
            return $"\"{fallback}\" is not a registered endpoint";
        }

        // Others may go round in a circle of their own: that is their fault.
        var seen = new HashSet<EndpointId>();
        while (seen.Add(next.Id) && next.FallbackId is { } id && find(id) is { } following)
        {
            if (id == endpoint.Id)
            {
                return $"\"{fallback}\" leads back to the endpoint itself";
            }

            next = following;
        }

        return null;
    }
}
