namespace AspireIntegration.Client.Operating;

/// <summary>A JSON merge patch of credentials.</summary>
public sealed record AuthPatch
{
    /// <summary><c>bearer</c>, <c>basic</c>, <c>oauth2</c> (client credentials) or <c>mtls</c>.</summary>
    public AuthKind? Kind { get; init; }

    /// <summary>The token of <c>bearer</c>.</summary>
    public Change<SecretValue?> Token { get; init; }

    /// <summary>The user name of <c>basic</c>, without a colon.</summary>
    public Change<string?> Username { get; init; }

    /// <summary>The password of <c>basic</c>.</summary>
    public Change<SecretValue?> Password { get; init; }

    /// <summary>The URL of the authorization server that <c>oauth2</c> has its tokens from; its address is judged as that of <c>url</c>.</summary>
    public Change<string?> TokenUrl { get; init; }

    /// <summary>The client of <c>oauth2</c>.</summary>
    public Change<string?> ClientId { get; init; }

    /// <summary>The secret of that client.</summary>
    public Change<SecretValue?> ClientSecret { get; init; }

    /// <summary>The scopes that <c>oauth2</c> asks for, separated by spaces; the server's default without it.</summary>
    public Change<string?> Scope { get; init; }

    /// <summary>The audience that <c>oauth2</c> asks for; none by default.</summary>
    public Change<string?> Audience { get; init; }

    /// <summary>The certificate of <c>mtls</c> in PEM, with those of its issuers behind it.</summary>
    public Change<SecretValue?> Certificate { get; init; }

    /// <summary>The private key of that certificate in PEM.</summary>
    public Change<SecretValue?> Key { get; init; }
}

/// <summary>A JSON merge patch of a rate limit; a new limit needs its rate.</summary>
public sealed record RateLimitPatch
{
    /// <summary>Deliveries a second, on average.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Deliveries at once after a pause; 1 by default.</summary>
    public Change<int?> Burst { get; init; }
}

/// <summary>A JSON merge patch of a filter: null takes a part away.</summary>
public sealed record FilterPatch
{
    /// <summary>
    /// At most 50 names or patterns of at most 256 characters, of which the event type must meet one; <c>*</c> stands for any characters.
    /// </summary>
    public Change<string[]?> EventTypes { get; init; }

    /// <summary>The same for the source.</summary>
    public Change<string[]?> Sources { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>: this priority or a higher one.</summary>
    public Change<Priority?> MinPriority { get; init; }

    /// <summary>CloudEvents SQL 1.0 of at most 4,096 characters, which must be true; an attribute the event lacks is no match.</summary>
    public Change<string?> Expression { get; init; }
}

/// <summary>A JSON merge patch of the gathering of events: null sets a member back to its default.</summary>
public sealed record BatchPatch
{
    /// <summary>The most events; 100 by default.</summary>
    public Change<int?> MaxSize { get; init; }

    /// <summary>The longest wait of the first event for others, 0s to 1m; 1s by default.</summary>
    public Change<TimeSpan?> MaxWait { get; init; }
}
