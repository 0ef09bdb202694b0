namespace AspireIntegration.Client.Operating;

/// <summary>A JSON merge patch (RFC 7396) of an endpoint: null sets a member back to the service's settings.</summary>
public sealed record EndpointPatch
{
    /// <summary>The display name.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The URL of its receiver: http or https, without user name, password and fragment, to a public address or one of
    /// <c>ALLOWED_NETWORKS</c>.
    /// </summary>
    public string? Url { get; init; }

    /// <summary>
    /// The HTTP proxy of its deliveries, such as <c>http://proxy.internal:3128</c>, or <c>direct</c> for none; <c>OUTBOUND_PROXY</c> by
    /// default.
    /// </summary>
    public Change<string?> Proxy { get; init; }

    /// <summary>False: its events wait for it and nothing is sent. True by default.</summary>
    public Change<bool?> Enabled { get; init; }

    /// <summary>The events that it gets; all of them by default.</summary>
    public Change<FilterPatch?> Filter { get; init; }

    /// <summary>The number of deliveries that run at once; <c>WORKER_COUNT</c> by default.</summary>
    public Change<int?> Workers { get; init; }

    /// <summary>
    /// The parts in which replicas share its deliveries among them, each with its part of <c>workers</c> and <c>rate_limit</c>; 1 by
    /// default. With SQLite it has one all the same.
    /// </summary>
    public Change<int?> Shards { get; init; }

    /// <summary>The number of deliveries that may wait before <c>when_full</c> decides; <c>QUEUE_SIZE</c> by default.</summary>
    public Change<int?> QueueSize { get; init; }

    /// <summary>
    /// <c>park</c>: the rest waits on disk. <c>reject</c>: an event that matches only such endpoints is refused. <c>park</c> by default.
    /// </summary>
    public Change<WhenFull?> WhenFull { get; init; }

    /// <summary>The time limit of one attempt, 10ms to 5m; <c>HTTP_TIMEOUT</c> by default.</summary>
    public Change<TimeSpan?> Timeout { get; init; }

    /// <summary>Attempts after the first, in the fast tier; <c>MAX_RETRIES</c> by default.</summary>
    public Change<int?> MaxRetries { get; init; }

    /// <summary>The first pause between two attempts, 0s to 1m; each later one is twice as long. <c>BASE_DELAY</c> by default.</summary>
    public Change<TimeSpan?> BaseDelay { get; init; }

    /// <summary>The times at which a dead letter is delivered again by itself, each 1ms to 30d; <c>REDELIVERY_SCHEDULE</c> by default.</summary>
    public Change<TimeSpan[]?> RedeliverySchedule { get; init; }

    /// <summary>The age of an event from which on it is not sent to this endpoint any more, 1s to 30d; <c>MAX_AGE</c> by default.</summary>
    public Change<TimeSpan?> MaxAge { get; init; }

    /// <summary>The highest rate of its deliveries; no limit by default.</summary>
    public Change<RateLimitPatch?> RateLimit { get; init; }

    /// <summary>The gathering of events into one request; one event a request by default.</summary>
    public Change<BatchPatch?> Batch { get; init; }

    /// <summary>
    /// <c>key</c>: events of one key go one after the other, in order of acceptance, whatever their priorities. <c>none</c> by default.
    /// </summary>
    public Change<Ordering?> Ordering { get; init; }

    /// <summary>
    /// CloudEvents SQL 1.0 of at most 4,096 characters, of which the value is the key; <c>source</c> by default. Events for which it fails
    /// have the empty key.
    /// </summary>
    public Change<string?> OrderingKey { get; init; }

    /// <summary>
    /// The turn of the next events of a key, after one that is not tried again by itself. They go on (<c>skip</c>, by default), or wait until it is
    /// discarded or replayed (<c>block</c>).
    /// </summary>
    public Change<OnExhausted?> OnExhausted { get; init; }

    /// <summary>Headers that are sent beside our own; null removes one.</summary>
    public Change<Dictionary<string, SecretValue?>?> Headers { get; init; }

    /// <summary>The credentials that its deliveries bear; none by default.</summary>
    public Change<AuthPatch?> Auth { get; init; }

    /// <summary><c>native</c> or <c>cloudevents</c>; <c>native</c> by default.</summary>
    public Change<DeliveryFormat?> Format { get; init; }

    /// <summary>The endpoint that gets an event when the redelivery schedule is spent; none by default.</summary>
    public Change<string?> FallbackEndpointId { get; init; }
}
