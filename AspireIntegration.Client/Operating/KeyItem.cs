namespace AspireIntegration.Client.Operating;

/// <summary>An API key, without its text.</summary>
public sealed record KeyItem
{
    /// <summary>8 characters of <c>0-9A-Za-z</c>, which are in the key's text.</summary>
    public string Id { get => field ?? ""; init; }

    /// <summary>For people: who uses it.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Its permissions.</summary>
    public IReadOnlyList<string> Scopes { get => field ?? []; init; }

    /// <summary>The names and patterns of sources of which it may post events; empty for all.</summary>
    public IReadOnlyList<string> Sources { get => field ?? []; init; }

    /// <summary>The networks from which it may be used; empty for all.</summary>
    public IReadOnlyList<string> Networks { get => field ?? []; init; }

    /// <summary>Its rate in the place of <c>RATE_LIMIT</c>, such as <c>100/s burst 500</c>; null for that.</summary>
    public string? RateLimit { get; init; }

    /// <summary>The end of its time; UTC, null for none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The time until which the text before the last rotation is good too; UTC, null for none.</summary>
    public DateTimeOffset? OverlapUntil { get; init; }

    /// <summary>The caller that made it.</summary>
    public string CreatedBy { get => field ?? ""; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of its last use; UTC, null for none. A restart may lose those of the last minute.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The text, which is answered when it is made and never again.</summary>
    public string? Key { get; init; }
}

/// <summary>An API key to be made.</summary>
public sealed record KeyRequest
{
    /// <summary>For people: who uses it. Required.</summary>
    public required string Name { get; init; }

    /// <summary>Its permissions, of events:write, events:read, payloads:read, endpoints:write, operate, admin, metrics. Required.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>
    /// At most 50 names or patterns of sources of which it may post events; <c>*</c> stands for any characters. All when not given.
    /// </summary>
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary>At most 50 networks such as 10.0.0.0/8, 192.168.1.20 or fd00::/8 from which it may be used. All when not given.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>
    /// Its rate in the place of <c>RATE_LIMIT</c>, such as <c>100/s burst 500</c>; null for that. It holds where there is no
    /// <c>RATE_LIMIT</c> too.
    /// </summary>
    public string? RateLimit { get; init; }

    /// <summary>The end of its time (ISO 8601); null for none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>The rotation of an API key.</summary>
public sealed record KeyRotationRequest
{
    /// <summary>The time for which the old key is good beside the new one, up to 30d; 0s when not given.</summary>
    public TimeSpan? Overlap { get; init; }
}
