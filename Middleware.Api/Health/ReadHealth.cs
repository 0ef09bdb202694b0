using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Replicas;

namespace Middleware.Health;

/// <summary>
/// Reads the state of an endpoint: the attempts that its circuit has seen since its lane is served, and its waiting deliveries in the store.
/// </summary>
internal sealed class ReadHealth(LaneStates lanes, IDeliveryStore store, TimeProvider clock) : IEndpointHealth
{
    public EndpointHealth Of(WebhookEndpoint endpoint)
    {
        var waiting = store.Waiting(endpoint.Id);
        var lane = lanes.Of(endpoint.Id);
        return new EndpointHealth
        {
            IsEnabled = endpoint.IsEnabled,
            Circuit = lane.Circuit,
            Tries = lane.Tries,
            Waiting = waiting,
            Held = store.Held(endpoint.Id),
            OldestWaiting = waiting > 0 ? AgeOfOldest(endpoint.Id) : TimeSpan.Zero,
        };
    }

    public Task RefreshAsync() => lanes.RefreshAsync();

    /// <summary>
    /// The age of the oldest waiting event, not negative, whatever was done to the clock. Null while the store cannot be read: a change of an
    /// endpoint is answered all the same.
    /// </summary>
    private TimeSpan? AgeOfOldest(EndpointId endpoint)
    {
        try
        {
            return store.OldestWaiting(endpoint) is { } acceptedAt ? TimeSpan.FromTicks(Math.Max(0, (clock.GetUtcNow() - acceptedAt).Ticks)) : TimeSpan.Zero;
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }
}
