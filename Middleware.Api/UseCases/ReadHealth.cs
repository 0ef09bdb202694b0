using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Tells how an endpoint is: what its circuit has seen since the start, and what waits for it in the store.</summary>
internal sealed class ReadHealth(Circuits circuits, IEventStore store, TimeProvider clock)
{
    public EndpointHealth Execute(WebhookEndpoint endpoint)
    {
        var waiting = store.Waiting(endpoint.Id);
        return new EndpointHealth
        {
            IsEnabled = endpoint.IsEnabled,
            Circuit = circuits.StateOf(endpoint.Id),
            Tries = circuits.TriesOf(endpoint.Id),
            Waiting = waiting,
            OldestWaiting = waiting > 0 && store.OldestWaiting(endpoint.Id) is { } oldest ? Age(oldest) : TimeSpan.Zero,
        };
    }

    /// <summary>Not negative, whatever was done to the clock.</summary>
    private TimeSpan Age(DateTimeOffset acceptedAt) => TimeSpan.FromTicks(Math.Max(0, (clock.GetUtcNow() - acceptedAt).Ticks));
}
