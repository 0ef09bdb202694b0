using System.Text.Json.Serialization;

namespace AspireIntegration.Client.Publishing;

/// <summary>The answer to an event that is kept.</summary>
public sealed record AcceptedEvent
{
    /// <summary><see cref="AcceptStatus.Accepted"/>.</summary>
    public AcceptStatus Status { get; init; }

    /// <summary>The same on every delivery and every attempt.</summary>
    public string EventId { get => field ?? ""; init; }

    /// <summary>That of the request.</summary>
    public string CorrelationId { get => field ?? ""; init; }

    /// <summary>
    /// True when the service had the event already: an earlier request with this idempotency key was accepted. It may be one of this call, of
    /// which the answer was lost. The event is kept once.
    /// </summary>
    [JsonIgnore]
    public bool IsDuplicate { get; init; }
}

/// <summary>The answer to a batch.</summary>
public sealed record AcceptedBatch
{
    /// <summary>The number of kept events.</summary>
    public int Accepted { get; init; }

    /// <summary>The number of refused events.</summary>
    public int Rejected { get; init; }

    /// <summary>The result of each event, in their order.</summary>
    public IReadOnlyList<AcceptedBatchItem> Results { get => field ?? []; init; }

    /// <summary>True when the service had answered this batch already, under the same idempotency key.</summary>
    [JsonIgnore]
    public bool IsDuplicate { get; init; }
}

/// <summary>The result of an event of a batch: ids when it was accepted and errors when it was not.</summary>
public sealed record AcceptedBatchItem
{
    /// <summary>Its place in the batch, from zero.</summary>
    public int Index { get; init; }

    /// <summary>The verdict.</summary>
    public AcceptStatus Status { get; init; }

    /// <summary>The same on every delivery and every attempt.</summary>
    public string? EventId { get; init; }

    /// <summary>That of the request.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>All faults, under the name of the field, or under <c>body</c>; under <c>queue</c> when every queue is full.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }

    /// <summary>True when the event is valid and would be accepted later: the queues are full, or the store could not be written.</summary>
    [JsonIgnore]
    public bool IsTransient => Errors is not null && (Errors.ContainsKey("queue") || Errors.ContainsKey("store"));
}
