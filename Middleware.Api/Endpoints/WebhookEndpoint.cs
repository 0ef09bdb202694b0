using System.Text.Json.Serialization;
using Middleware.Events;
using Middleware.Filtering;

namespace Middleware.Endpoints;

/// <summary>A receiver of events and its settings. A change makes a new instance.</summary>
internal sealed record WebhookEndpoint
{
    public required EndpointId Id { get; init; }

    /// <summary>The display name; 1-128 characters.</summary>
    public string Name { get; init; } = "";

    public required Uri Url { get; init; }

    /// <summary>The proxy of its deliveries; null for the default one.</summary>
    public OutboundProxy? Proxy { get; init; }

    public EndpointOrigin Origin { get; init; }

    /// <summary>The reason for which its events are kept and nothing is sent; null while it is enabled.</summary>
    public DisabledReason? Disabled { get; init; }

    public bool IsEnabled => Disabled is null;

    /// <summary>True for the operator's own endpoint, which may be at any address.</summary>
    public bool IsBuiltIn => Id == EndpointId.Default;

    /// <summary>The events that it gets, decided once for each, when the event is accepted.</summary>
    public EventFilter Filter { get; init; } = EventFilter.Everything;

    /// <summary>Sent with every delivery, beside our own.</summary>
    public DeliveryHeaders Headers { get; init; } = DeliveryHeaders.None;

    /// <summary>The credentials that its deliveries bear; null for none.</summary>
    public EndpointAuth? Auth { get; init; }

    /// <summary>The secrets that sign its deliveries; null for unsigned ones.</summary>
    public SigningSecrets? Secrets { get; init; }

    /// <summary>The file with the secret that signs its deliveries; null for none. It has no other secret then.</summary>
    public string? SecretReference { get; init; }

    /// <summary>True when a file has one of its secrets, which is read at each use.</summary>
    public bool HasReference => SecretReference is not null || Headers.Referring.Length > 0 || Auth is { HasReference: true };

    /// <summary>The number of deliveries that run at once.</summary>
    public required int Workers { get; init; }

    /// <summary>The lanes that have its deliveries.</summary>
    public LaneLayout Layout { get; init; } = LaneLayout.Single;

    /// <summary>The highest rate of its deliveries; null for no limit.</summary>
    public RateLimit? RateLimit { get; init; }

    public required QueueLimit Queue { get; init; }

    public required RetryPlan Retries { get; init; }

    public required RedeliverySchedule Redelivery { get; init; }

    /// <summary>The age of an event from which on it is not sent to this endpoint any more; null for none.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The gathering of events into requests; null for one event a request.</summary>
    public BatchPlan? Batch { get; init; }

    /// <summary>The order of its events by key; null for none. It acts on events accepted from now on.</summary>
    public KeyOrdering? Ordering { get; init; }

    public DeliveryFormat Format { get; init; }

    /// <summary>The endpoint that gets an event instead when the redelivery schedule of this one is spent; null for none.</summary>
    public EndpointId? FallbackId { get; init; }

    /// <summary>The endpoint with the limits of one shard.</summary>
    public WebhookEndpoint WithLimitsOf(int shard) => this with
    {
        Workers = Layout.PartOf(Workers, shard),
        RateLimit = RateLimit is { } limit ? new RateLimit(limit.PerSecond / Layout.Shards, Layout.PartOf(limit.Burst, shard)) : null,
    };

    /// <summary>True when one more may wait for it beside <paramref name="waiting"/> others. While it is disabled all may.</summary>
    public bool Admits(Priority priority, int waiting) => !IsEnabled || Queue.Admits(priority, waiting);
}

internal sealed record RegisteredEndpoint
{
    public required WebhookEndpoint Endpoint { get; init; }

    /// <summary>The number of its changes, from 1.</summary>
    public required long Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>The origin of an endpoint. The names are stored; they never change.</summary>
internal enum EndpointOrigin
{
    /// <summary>It was registered through the API, which changes and deletes it.</summary>
    [JsonStringEnumMemberName("api")]
    Api,

    /// <summary>It is declared in the section <c>Endpoints</c> of the configuration, which is read at the start.</summary>
    [JsonStringEnumMemberName("configuration")]
    Configuration,

    /// <summary>It is <c>EXTERNAL_ENDPOINT_URL</c> and the settings beside it.</summary>
    [JsonStringEnumMemberName("built_in")]
    BuiltIn,
}

/// <summary>The format of an endpoint's deliveries.</summary>
internal enum DeliveryFormat
{
    /// <summary>Our own JSON object.</summary>
    [JsonStringEnumMemberName("native")]
    Native,

    /// <summary>Structured CloudEvents 1.0.</summary>
    [JsonStringEnumMemberName("cloudevents")]
    CloudEvents,
}

/// <summary>The highest rate of deliveries, as an average.</summary>
/// <param name="PerSecond">Deliveries a second, 0.1-100,000.</param>
/// <param name="Burst">Deliveries at once after a pause, 1-100,000.</param>
/// <remarks>Waits last whole milliseconds: past some hundreds a second only a burst of some milliseconds' worth lets the lane keep up.</remarks>
internal sealed record RateLimit(double PerSecond, int Burst)
{
    public const double LeastPerSecond = 0.1;
    public const double MostPerSecond = 100_000;
    public const int LargestBurst = 100_000;
}

/// <summary>The gathering of events into one request.</summary>
/// <param name="MaxSize">The most events, 1-1,000.</param>
/// <param name="MaxWait">The longest wait of the first event for others, 0s-1m.</param>
internal sealed record BatchPlan(int MaxSize, TimeSpan MaxWait)
{
    public const int LargestSize = 1_000;

    /// <summary>The bytes of payload at which a batch goes as it is, one event more or less.</summary>
    public const int FullBytes = 4 << 20;
}
