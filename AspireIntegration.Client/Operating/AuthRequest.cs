namespace AspireIntegration.Client.Operating;

/// <summary>The credentials of deliveries. Each kind has members of its own.</summary>
public sealed record AuthRequest
{
    /// <summary><c>bearer</c>, <c>basic</c>, <c>oauth2</c> (client credentials) or <c>mtls</c>.</summary>
    public required AuthKind Kind { get; init; }

    /// <summary>The token of <c>bearer</c>.</summary>
    public SecretValue? Token { get; init; }

    /// <summary>The user name of <c>basic</c>, without a colon.</summary>
    public string? Username { get; init; }

    /// <summary>The password of <c>basic</c>.</summary>
    public SecretValue? Password { get; init; }

    /// <summary>The URL of the authorization server that <c>oauth2</c> has its tokens from; its address is judged as that of <c>url</c>.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>The client of <c>oauth2</c>.</summary>
    public string? ClientId { get; init; }

    /// <summary>The secret of that client.</summary>
    public SecretValue? ClientSecret { get; init; }

    /// <summary>The scopes that <c>oauth2</c> asks for, separated by spaces; the server's default without it.</summary>
    public string? Scope { get; init; }

    /// <summary>The audience that <c>oauth2</c> asks for; none by default.</summary>
    public string? Audience { get; init; }

    /// <summary>The certificate of <c>mtls</c> in PEM, with those of its issuers behind it.</summary>
    public SecretValue? Certificate { get; init; }

    /// <summary>The private key of that certificate in PEM.</summary>
    public SecretValue? Key { get; init; }
}

/// <summary>So many deliveries a second on average.</summary>
public sealed record RateLimitRequest
{
    /// <summary>Deliveries a second, on average.</summary>
    public required double PerSecond { get; init; }

    /// <summary>Deliveries at once after a pause; 1 by default.</summary>
    public int? Burst { get; init; }
}

/// <summary>The gathering of events into one request.</summary>
public sealed record BatchRequest
{
    /// <summary>The most events; 100 by default.</summary>
    public int? MaxSize { get; init; }

    /// <summary>The longest wait of the first event for others, 0s to 1m; 1s by default.</summary>
    public TimeSpan? MaxWait { get; init; }
}
