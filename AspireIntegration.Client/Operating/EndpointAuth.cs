namespace AspireIntegration.Client.Operating;

/// <summary>The credentials that deliveries bear. Its secret members are never shown.</summary>
public sealed record EndpointAuth
{
    /// <summary><c>bearer</c>, <c>basic</c>, <c>oauth2</c> or <c>mtls</c>.</summary>
    public AuthKind Kind { get; init; }

    /// <summary>The file of the token of <c>bearer</c>; null where the text was given.</summary>
    public SecretReference? Token { get; init; }

    /// <summary>The user name of <c>basic</c>.</summary>
    public string? Username { get; init; }

    /// <summary>The file of the password of <c>basic</c>; null where the text was given.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>The URL from which <c>oauth2</c> has its tokens.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>The client of <c>oauth2</c>.</summary>
    public string? ClientId { get; init; }

    /// <summary>The file of the secret of <c>oauth2</c>; null where the text was given.</summary>
    public SecretReference? ClientSecret { get; init; }

    /// <summary>The scopes that <c>oauth2</c> asks for; null for the server's default.</summary>
    public string? Scope { get; init; }

    /// <summary>The audience that <c>oauth2</c> asks for; null for none.</summary>
    public string? Audience { get; init; }

    /// <summary>The file of the certificate of <c>mtls</c>; null where the text was given.</summary>
    public SecretReference? Certificate { get; init; }

    /// <summary>The file of the private key of <c>mtls</c>; null where the text was given.</summary>
    public SecretReference? Key { get; init; }
}

/// <summary>
/// The health of an endpoint at this moment; with several replicas as the one that serves it knew it up to two seconds ago. Attempts are
/// those of deliveries and of batches since that replica serves it; tests are not counted.
/// </summary>
public sealed record EndpointHealth
{
    /// <summary>
    /// <c>disabled</c>: the endpoint is disabled. <c>failing</c>: its circuit is open or half-open. <c>degraded</c>: its last 3 attempts
    /// failed, or fewer than 95 % of at least 10 in the last 5 minutes succeeded. <c>healthy</c>: none of these. The first that holds is
    /// given.
    /// </summary>
    public HealthState State { get; init; }

    /// <summary><c>closed</c>, <c>half_open</c>: a probe decides next, or <c>open</c>: nothing is sent.</summary>
    public CircuitState Circuit { get; init; }

    /// <summary>
    /// The share of the attempts of the last 5 minutes that were answered 2xx, 0-1, rounded down to four places; null without an attempt.
    /// </summary>
    public double? SuccessRate { get; init; }

    /// <summary>Attempts that failed since the last success, however long ago.</summary>
    public long ConsecutiveFailures { get; init; }

    /// <summary>
    /// The 95th percentile of the attempts' durations in the last 5 minutes, in milliseconds, at most an eighth too high; null without an
    /// attempt.
    /// </summary>
    public double? P95Ms { get; init; }

    /// <summary>Deliveries that wait for it, those under way included. Retries of dead letters and replays are not counted.</summary>
    public int Waiting { get; init; }

    /// <summary>Those of them that are held: in order by key they wait behind a failed one, or for their next attempt.</summary>
    public int Held { get; init; }

    /// <summary>The age of the oldest waiting event, in seconds; 0 when none waits, null while the store cannot be read.</summary>
    public long? OldestWaitingS { get; init; }
}

/// <summary>The events that an endpoint gets: those for which all parts hold.</summary>
public sealed record EventFilter
{
    /// <summary>Names and patterns, of which the event type must meet one; empty for any.</summary>
    public IReadOnlyList<string> EventTypes { get => field ?? []; init; }

    /// <summary>Names and patterns, of which the source must meet one; empty for any.</summary>
    public IReadOnlyList<string> Sources { get => field ?? []; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>: this priority or a higher one; null for any.</summary>
    public Priority? MinPriority { get; init; }

    /// <summary>CloudEvents SQL 1.0, which must be true; null for none.</summary>
    public string? Expression { get; init; }
}

/// <summary>The highest rate of deliveries, as an average.</summary>
public sealed record RateLimit
{
    /// <summary>Deliveries a second, 0.1-100,000.</summary>
    public double PerSecond { get; init; }

    /// <summary>Deliveries at once after a pause, 1-100,000.</summary>
    public int Burst { get; init; }
}

/// <summary>The gathering of events into one request.</summary>
public sealed record EndpointBatch
{
    /// <summary>The most events, 1-1,000.</summary>
    public int MaxSize { get; init; }

    /// <summary>The longest wait of the first event for others, 0s-1m.</summary>
    public TimeSpan MaxWait { get; init; }
}
