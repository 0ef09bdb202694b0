using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>The history of the memory store: there is none.</summary>
internal sealed class NoHistory : IEventHistory
{
    public bool IsKept => false;

    public Task<HistoryPage<EventSummary>> FindEventsAsync(EventFilter filter, PageRequest page, CancellationToken cancellationToken) => throw Refusal();

    public Task<EventTimeline?> FindEventAsync(Guid id, CancellationToken cancellationToken) => throw Refusal();

    public Task<HistoryPage<DeadLetter>> FindDeadLettersAsync(DeadLetterFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        throw Refusal();

    public Task<DeadLetterTimeline?> FindDeadLetterAsync(DeliveryId id, CancellationToken cancellationToken) => throw Refusal();

    public Task<IReadOnlyList<ReplayedDelivery>?> ReplayAsync(
        Guid id, EndpointId? endpoint, string replayId, Func<EndpointId, bool> isRegistered, CancellationToken cancellationToken) => throw Refusal();

    public Task<DeadLetterChange> ReplayAsync(DeliveryId id, string replayId, CancellationToken cancellationToken) => throw Refusal();

    public Task<DeadLetterChange> DiscardAsync(DeliveryId id, string by, CancellationToken cancellationToken) => throw Refusal();

    private static InvalidOperationException Refusal() => new("The memory store keeps no history: ask IsKept first.");
}
