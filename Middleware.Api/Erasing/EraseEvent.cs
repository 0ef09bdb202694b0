using Middleware.Events;

namespace Middleware.Erasing;

/// <summary>Erases events. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IErasureStore
{
    /// <summary>
    /// Overwrites the payload of an event and the responses to it, and drops the answer that its idempotency key keeps. Its ids stay. Pending
    /// deliveries and dead letters of it end as erased, and the lanes hold no body of it when this completes. An attempt under way may finish. Null
    /// for an event that is not known.
    /// </summary>
    Task<ErasedEvent?> EraseAsync(Guid id, Actor by);
}

/// <summary>An event that is erased.</summary>
/// <param name="CorrelationId">The correlation id that it was accepted under.</param>
/// <param name="Ended">The number of pending deliveries and dead letters that ended with it.</param>
/// <param name="IsNew">False when it was erased before.</param>
internal sealed record ErasedEvent(string CorrelationId, int Ended, bool IsNew);

/// <summary>Erases an event and logs it.</summary>
internal sealed partial class EraseEvent(IErasureStore store, ILogger<EraseEvent> logger)
{
    /// <summary>False for an event that is not known.</summary>
    public async Task<bool> ExecuteAsync(Guid eventId, Actor by)
    {
        if (await store.EraseAsync(eventId, by) is not { } erased)
        {
            return false;
        }

        if (erased.IsNew)
        {
            Erased(erased.CorrelationId, eventId.ToString("n"), erased.Ended);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "event erased")]
    private partial void Erased(string correlationId, string eventId, int endedDeliveries);
}
