using System.Collections.Immutable;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>
/// Keeps events and what is still owed of them. What is pending here is the only truth of what is owed: lanes, depths and recovery read it.
/// </summary>
internal interface IEventStore
{
    /// <summary>False for a store whose events are gone when the process ends: then a stop drains the lanes.</summary>
    bool IsDurable { get; }

    /// <summary>
    /// Tells <paramref name="sink"/> of every delivery committed from now on, in order of sequence. Deliveries that were pending
    /// before are not told: the lanes read them.
    /// </summary>
    Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken);

    /// <summary>
    /// Commits the event and a pending delivery for each endpoint, and completes when both are safe. Nothing is kept when every
    /// endpoint's queue is full and rejects. Cancelling stops the wait, not a commit under way.
    /// </summary>
    ValueTask<AcceptOutcome> AcceptAsync(IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> endpoints, CancellationToken cancellationToken);

    /// <summary>The oldest pending deliveries of a lane after a sequence, at most <paramref name="limit"/>, in order.</summary>
    ValueTask<IReadOnlyList<Delivery>> ReadPendingAsync(
        EndpointId endpoint, Priority priority, long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>Records what the fast tier came to and ends the delivery. Returns at once: the store holds it until it is written.</summary>
    void Record(Delivery delivery, DeliveryOutcome outcome);

    /// <summary>How many deliveries wait for an endpoint, those under way included.</summary>
    int Waiting(EndpointId endpoint);
}

/// <summary>Hears of committed deliveries.</summary>
internal interface IDeliverySink
{
    /// <summary>Called in order of sequence; returns at once.</summary>
    void Committed(Delivery delivery);
}

/// <summary>What became of an event that was handed to the store.</summary>
internal enum AcceptOutcome
{
    /// <summary>It is kept and owed to at least one endpoint, or recorded as matched by none.</summary>
    Accepted,

    /// <summary>Every endpoint it matches is full and rejects; nothing was kept.</summary>
    QueueFull,
}
