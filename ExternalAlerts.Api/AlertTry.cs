using System.Text.Json.Serialization;

namespace ExternalAlerts;

/// <summary>A well-formed request to receive alerts, whatever its answer.</summary>
public sealed record AlertTry
{
    private const int FieldBytes = 64;

    private volatile int _answered; // Written while others read: an int? could be seen half written.

    /// <summary>The time at which the request arrived, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>The correlation id of the request.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The id of the alert; null in a batch, which its <see cref="WebhookId"/> names.</summary>
    public required string? EventId { get; init; }

    /// <summary>The request's <c>webhook-id</c>: the event's id, or the batch's.</summary>
    public required string? WebhookId { get; init; }

    /// <summary>The sender's count of attempts, from 1.</summary>
    public required int? Attempt { get; init; }

    /// <summary>The number of alerts in the request.</summary>
    public required int Alerts { get; init; }

    /// <summary>The kind of its misbehaviour: <c>latency</c>, <c>status</c>, <c>hang</c>, <c>drop</c>; null for none.</summary>
    public required string? Fault { get; init; }

    /// <summary>The status answered; null until then, and for ever when the request hung, was dropped or given up by its sender.</summary>
    public int? Answered
    {
        get => _answered is not 0 and var status ? status : null;
        internal set => _answered = value ?? 0;
    }

    [JsonIgnore]
    internal int Weight => Cost.Of(FieldBytes) + Cost.Of(CorrelationId) + Cost.Of(EventId) + Cost.Of(WebhookId);
}
