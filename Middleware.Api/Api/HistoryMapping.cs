using System.Text;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>From what the store tells to what is answered.</summary>
internal static class HistoryMapping
{
    public static ListPage<EventItem> ToAnswer(this HistoryPage<EventSummary> page) =>
        new([.. page.Items.Select(ItemOf)], Cursor.Write(Cursor.Events, page.Next));

    public static ListPage<DeadLetterItem> ToAnswer(this HistoryPage<DeadLetter> page) =>
        new([.. page.Items.Select(ToAnswer)], Cursor.Write(Cursor.DeadLetters, page.Next));

    public static EventDetail ToAnswer(this EventTimeline timeline) => new(ItemOf(timeline.Event))
    {
        Payload = StoredJson.Of(timeline.Payload),
        Deliveries = [.. timeline.Deliveries.Select(delivery => ItemOf(timeline.Event.Id, delivery, timeline.Deliveries))],
        Attempts = [.. timeline.Attempts.Select(ToAnswer)],
    };

    public static DeadLetterDetail ToAnswer(this DeadLetterTimeline timeline) => new(timeline.DeadLetter.ToAnswer())
    {
        Attempts = [.. timeline.Attempts.Select(ToAnswer)],
    };

    public static ReplayAnswer ToAnswer(this EventReplay replay) => new(
        replay.Id,
        Text(replay.EventId),
        [.. replay.Deliveries.Select(delivery =>
            new ReplayedItem(new DeliveryId(replay.EventId, delivery.Endpoint).ToString(), delivery.Endpoint.Value, delivery.Result.Name()))]);

    public static DeadLetterItem ToAnswer(this DeadLetter deadLetter) => new()
    {
        DeliveryId = deadLetter.Id.ToString(),
        EventId = Text(deadLetter.Id.EventId),
        EndpointId = deadLetter.Id.Endpoint.Value,
        CorrelationId = deadLetter.CorrelationId,
        Source = deadLetter.Source,
        EventType = deadLetter.EventType,
        Priority = deadLetter.Priority?.Name(),
        AcceptedAt = deadLetter.AcceptedAt?.UtcDateTime,
        State = deadLetter.State.Name(),
        Reason = deadLetter.Reason,
        Failures = deadLetter.Failures,
        AttemptCount = deadLetter.Attempts,
        FirstDeadAt = deadLetter.FirstDeadAt.UtcDateTime,
        DeadAt = deadLetter.DeadAt.UtcDateTime,
        NextRetryAt = deadLetter.NextRetryAt?.UtcDateTime,
        HandedTo = deadLetter.HandedTo?.Value,
        DiscardedBy = deadLetter.DiscardedBy,
        DiscardedAt = deadLetter.DiscardedAt?.UtcDateTime,
    };

    public static AttemptItem ToAnswer(this EndpointAttempt tried) => new()
    {
        EndpointId = tried.Endpoint.Value,
        Number = tried.Attempt.Number,
        StartedAt = tried.Attempt.StartedAt.UtcDateTime,
        LatencyMs = tried.Attempt.Duration.TotalMilliseconds,
        StatusCode = tried.Attempt.StatusCode,
        Reason = tried.Attempt.Reason,
        Error = tried.Attempt.Error,
        Response = tried.Attempt.Response.IsEmpty ? null : Encoding.UTF8.GetString(tried.Attempt.Response.Span),
        BatchId = tried.Attempt.BatchId?.ToString("n"),
    };

    private static EventItem ItemOf(EventSummary summary) => new()
    {
        EventId = summary.Id.ToString("n"),
        CorrelationId = summary.CorrelationId,
        Source = summary.Source,
        EventType = summary.EventType,
        Priority = summary.Priority.Name(),
        Status = summary.Status.Name(),
        AcceptedAt = summary.AcceptedAt.UtcDateTime,
        Endpoints = summary.Endpoints,
    };

    private static DeliveryItem ItemOf(Guid eventId, DeliveryState delivery, IReadOnlyList<DeliveryState> all) => new()
    {
        DeliveryId = new DeliveryId(eventId, delivery.Endpoint).ToString(),
        EndpointId = delivery.Endpoint.Value,
        Status = delivery.Status.Name(),
        AttemptCount = delivery.Attempts,
        DeliveredAt = delivery.DeliveredAt?.UtcDateTime,
        ReplayId = delivery.ReplayId,
        Reason = delivery.DeadLetter?.Reason,
        DeadAt = delivery.DeadLetter?.DeadAt.UtcDateTime,
        NextRetryAt = delivery.DeadLetter?.NextRetryAt?.UtcDateTime,
        HandedTo = delivery.DeadLetter?.HandedTo?.Value,
        HandedFrom = all.FirstOrDefault(other => other.DeadLetter?.HandedTo == delivery.Endpoint)?.Endpoint.Value,
        DiscardedBy = delivery.DeadLetter?.DiscardedBy,
        DiscardedAt = delivery.DeadLetter?.DiscardedAt?.UtcDateTime,
    };

    /// <summary>Null for an event that cannot be read.</summary>
    private static string? Text(Guid eventId) => DeliveryId.SequenceIn(eventId) is null ? eventId.ToString("n") : null;
}
