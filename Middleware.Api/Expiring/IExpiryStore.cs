using Middleware.Events;

namespace Middleware.Expiring;

/// <summary>
/// Ends deliveries whose deadline is past and that no worker takes, a few in a transaction. Replays stay. Every member may
/// throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IExpiryStore
{
    /// <summary>Ends what is owed of the next events that have expired: pending deliveries, and dead letters with a planned attempt.</summary>
    Task<SweepStep> SweepEventsAsync(DateTimeOffset now);

    /// <summary>Ends the next pending deliveries to an endpoint whose events were accepted at this time or before.</summary>
    Task<SweepStep> SweepEndpointAsync(EndpointId endpoint, DateTimeOffset acceptedThrough);
}

/// <summary>The result of one step of a sweep.</summary>
/// <param name="Ended">The deliveries that ended.</param>
/// <param name="IsLast">True when nothing else has expired.</param>
internal sealed record SweepStep(IReadOnlyList<ExpiredDelivery> Ended, bool IsLast);

/// <summary>A delivery that ended by its deadline.</summary>
internal readonly record struct ExpiredDelivery(string CorrelationId, Guid EventId, EndpointId Endpoint);
