using System.Text.Json.Serialization;

namespace AspireIntegration.Client.Operating;

/// <summary>A webhook endpoint. Its <c>ETag</c> is its version.</summary>
public sealed record EndpointItem
{
    /// <summary>The version, which a change bears in <c>If-Match</c>; null in lists.</summary>
    [JsonIgnore]
    public string? ETag { get; init; }

    /// <summary><c>default</c>, the name under which it is declared in the configuration, or <c>ep_</c> and 32 hexadecimal digits.</summary>
    public string Id { get => field ?? ""; init; }

    /// <summary>The display name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>
    /// <c>api</c>: registered here. <c>configuration</c>: declared in the section Endpoints of the configuration. <c>built_in</c>: from
    /// EXTERNAL_ENDPOINT_URL. The last two can be enabled and disabled here; any other change belongs in the configuration.
    /// </summary>
    public EndpointOrigin Origin { get; init; }

    /// <summary>
    /// The URL of its receiver. Its query, which may bear a credential, is <c>***</c> for callers without the scope <c>endpoints:write</c>.
    /// </summary>
    public string Url { get => field ?? ""; init; }

    /// <summary>The proxy of its deliveries, or <c>direct</c> for none; null for that of OUTBOUND_PROXY.</summary>
    public string? Proxy { get; init; }

    /// <summary>False: its events wait for it and nothing is sent.</summary>
    public bool Enabled { get; init; }

    /// <summary>
    /// <c>operator</c>: disabled here. <c>gone</c>: it answered 410. <c>failing</c>: it failed for AUTO_DISABLE_AFTER without one success.
    /// <c>configuration</c>: the configuration disables it, or declares it no more. Null while it is enabled.
    /// </summary>
    public DisabledReason? DisabledReason { get; init; }

    /// <summary>The events that it gets.</summary>
    public EventFilter Filter { get => field ??= new(); init; }

    /// <summary>The highest rate of its deliveries; null for no limit.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>The number of deliveries that run at once.</summary>
    public int Workers { get; init; }

    /// <summary>The parts in which replicas share its deliveries among them, each with its part of <c>workers</c> and <c>rate_limit</c>.</summary>
    public int Shards { get; init; }

    /// <summary>The number of deliveries that may wait before <c>when_full</c> decides.</summary>
    public int QueueSize { get; init; }

    /// <summary><c>park</c> or <c>reject</c>.</summary>
    public WhenFull WhenFull { get; init; }

    /// <summary>The time limit of one attempt.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Attempts after the first, in the fast tier.</summary>
    public int MaxRetries { get; init; }

    /// <summary>The first pause between two attempts; each later one is twice as long.</summary>
    public TimeSpan BaseDelay { get; init; }

    /// <summary>The times at which a dead letter is delivered again by itself.</summary>
    public IReadOnlyList<TimeSpan> RedeliverySchedule { get => field ?? []; init; }

    /// <summary>The age of an event from which on it is not sent any more; null for none.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The gathering of events into one request; null for one event a request.</summary>
    public EndpointBatch? Batch { get; init; }

    /// <summary><c>none</c>, or <c>key</c>: events of one key one after the other, in order of acceptance.</summary>
    public Ordering Ordering { get; init; }

    /// <summary>The CloudEvents SQL of which the value is the key; null without an order.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>The end of a key's wait for an event that is not tried again by itself, <c>skip</c> or <c>block</c>; null without an order.</summary>
    public OnExhausted? OnExhausted { get; init; }

    /// <summary><c>native</c> or <c>cloudevents</c>.</summary>
    public DeliveryFormat Format { get; init; }

    /// <summary>The endpoint that gets an event when the redelivery schedule is spent; null for none.</summary>
    public string? FallbackEndpointId { get; init; }

    /// <summary>The names of the headers that are sent beside our own; their values may be credentials and are not shown.</summary>
    public IReadOnlyList<string> HeaderNames { get => field ?? []; init; }

    /// <summary>The credentials that its deliveries bear, without their secrets; null for none.</summary>
    public EndpointAuth? Auth { get; init; }

    /// <summary>True when deliveries are signed.</summary>
    public bool IsSigned { get; init; }

    /// <summary>The secret that signs deliveries: shown when it is made, and never again.</summary>
    public string? Secret { get; init; }

    /// <summary>Its health at this moment.</summary>
    public EndpointHealth Health { get => field ??= new(); init; }

    /// <summary>The time of its registration or declaration; UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of its last change; UTC.</summary>
    public DateTimeOffset ChangedAt { get; init; }
}
