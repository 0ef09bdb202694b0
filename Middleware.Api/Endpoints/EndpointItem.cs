using Middleware.Events;
using Middleware.Filtering;

namespace Middleware.Endpoints;

/// <summary>A webhook endpoint. Its <c>ETag</c> is its version.</summary>
internal sealed class EndpointItem(RegisteredEndpoint registered, EndpointHealth health, WebhookSecret? secret = null, bool hidesQuery = false)
{
    private readonly WebhookEndpoint _endpoint = registered.Endpoint;

    /// <summary><c>default</c>, the name under which it is declared in the configuration, or <c>ep_</c> and 32 hexadecimal digits.</summary>
    public EndpointId Id => _endpoint.Id;

    /// <summary>The display name.</summary>
    public string Name => _endpoint.Name;

    /// <summary>
    /// <c>api</c>: registered here. <c>configuration</c>: declared in the section Endpoints of the configuration. <c>built_in</c>: from
    /// EXTERNAL_ENDPOINT_URL. The last two can be enabled and disabled here; any other change belongs in the configuration.
    /// </summary>
    public EndpointOrigin Origin => _endpoint.Origin;

    /// <summary>The URL of its receiver. Its query, which may bear a credential, is <c>***</c> for callers without the scope <c>endpoints:write</c>.</summary>
    public Uri Url => new(hidesQuery ? WebhookUrl.HideQuery(_endpoint.Url.OriginalString) : _endpoint.Url.OriginalString);

    /// <summary>The proxy of its deliveries, or <c>direct</c> for none; null for that of OUTBOUND_PROXY.</summary>
    public string? Proxy => _endpoint.Proxy?.Text;

    /// <summary>False: its events wait for it and nothing is sent.</summary>
    public bool Enabled => _endpoint.IsEnabled;

    /// <summary>
    /// <c>operator</c>: disabled here. <c>gone</c>: it answered 410. <c>failing</c>: it failed for AUTO_DISABLE_AFTER without one success.
    /// <c>configuration</c>: the configuration disables it, or declares it no more. Null while it is enabled.
    /// </summary>
    public DisabledReason? DisabledReason => _endpoint.Disabled;

    /// <summary>The events that it gets.</summary>
    public EventFilter Filter => _endpoint.Filter;

    /// <summary>The highest rate of its deliveries; null for no limit.</summary>
    public RateLimit? RateLimit => _endpoint.RateLimit;

    /// <summary>The number of deliveries that run at once.</summary>
    public int Workers => _endpoint.Workers;

    /// <summary>The parts in which replicas share its deliveries among them, each with its part of <c>workers</c> and <c>rate_limit</c>.</summary>
    public int Shards => _endpoint.Layout.Shards;

    /// <summary>The number of deliveries that may wait before <c>when_full</c> decides.</summary>
    public int QueueSize => _endpoint.Queue.Size;

    /// <summary><c>park</c> or <c>reject</c>.</summary>
    public WhenFull WhenFull => _endpoint.Queue.WhenFull;

    /// <summary>The time limit of one attempt.</summary>
    public TimeSpan Timeout => _endpoint.Retries.Timeout;

    /// <summary>Attempts after the first, in the fast tier.</summary>
    public int MaxRetries => _endpoint.Retries.MaxRetries;

    /// <summary>The first pause between two attempts; each later one is twice as long.</summary>
    public TimeSpan BaseDelay => _endpoint.Retries.BaseDelay;

    /// <summary>The times at which a dead letter is delivered again by itself.</summary>
    public IReadOnlyList<TimeSpan> RedeliverySchedule => _endpoint.Redelivery.Delays;

    /// <summary>The age of an event from which on it is not sent any more; null for none.</summary>
    public TimeSpan? MaxAge => _endpoint.MaxAge;

    /// <summary>The gathering of events into one request; null for one event a request.</summary>
    public BatchPlan? Batch => _endpoint.Batch;

    /// <summary><c>none</c>, or <c>key</c>: events of one key one after the other, in order of acceptance.</summary>
    public Ordering Ordering => _endpoint.Ordering is null ? Ordering.None : Ordering.Key;

    /// <summary>The CloudEvents SQL of which the value is the key; null without an order.</summary>
    public string? OrderingKey => _endpoint.Ordering?.Expression;

    /// <summary>The end of a key's wait for an event that is not tried again by itself, <c>skip</c> or <c>block</c>; null without an order.</summary>
    public OnExhausted? OnExhausted => _endpoint.Ordering?.OnExhausted;

    /// <summary><c>native</c> or <c>cloudevents</c>.</summary>
    public DeliveryFormat Format => _endpoint.Format;

    /// <summary>The endpoint that gets an event when the redelivery schedule is spent; null for none.</summary>
    public EndpointId? FallbackEndpointId => _endpoint.FallbackId;

    /// <summary>The names of the headers that are sent beside our own; their values may be credentials and are not shown.</summary>
    public IReadOnlyList<string> HeaderNames => [.. _endpoint.Headers.Names];

    /// <summary>The credentials that its deliveries bear, without their secrets; null for none. The query of <c>token_url</c> is hidden as that of <c>url</c>.</summary>
    public EndpointAuth? Auth => _endpoint.Auth?.Shown(hidesQuery);

    /// <summary>True when deliveries are signed.</summary>
    public bool IsSigned => _endpoint is not { Secrets: null, SecretReference: null };

    /// <summary>The secret that signs deliveries: shown when it is made, and never again.</summary>
    public string? Secret => secret?.Reveal();

    /// <summary>Its health at this moment.</summary>
    public EndpointHealth Health => health;

    /// <summary>The time of its registration or declaration; UTC.</summary>
    public DateTimeOffset CreatedAt => registered.CreatedAt;

    /// <summary>The time of its last change; UTC.</summary>
    public DateTimeOffset ChangedAt => registered.ChangedAt;
}
