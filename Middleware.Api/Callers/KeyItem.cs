using Middleware.Filtering;
using Middleware.Http;

namespace Middleware.Callers;

/// <summary>An API key, without its text.</summary>
internal sealed class KeyItem(KeyCaller caller, string? text = null)
{
    private readonly ApiKey _key = caller.Key;

    /// <summary>8 characters of <c>0-9A-Za-z</c>, which are in the key's text.</summary>
    public string Id => _key.Id;

    /// <summary>For people: who uses it.</summary>
    public string Name => _key.Name;

    /// <summary>Its permissions.</summary>
    public IReadOnlyList<string> Scopes => ScopeNames.Of(_key.Scopes);

    /// <summary>The names and patterns of sources of which it may post events; empty for all.</summary>
    public NamePatterns Sources => _key.Sources;

    /// <summary>The networks from which it may be used; empty for all.</summary>
    public IReadOnlyList<string> Networks => [.. _key.Networks.Select(static network => network.ToString())];

    /// <summary>Its rate in the place of <c>RATE_LIMIT</c>, such as <c>100/s burst 500</c>; null for that.</summary>
    public string? RateLimit => _key.Rate?.ToString();

    /// <summary>The end of its time; UTC, null for none.</summary>
    public DateTimeOffset? ExpiresAt => _key.ExpiresAt;

    /// <summary>The time until which the text before the last rotation is good too; UTC, null for none.</summary>
    public DateTimeOffset? OverlapUntil => _key.Previous?.ExpiresAt;

    /// <summary>The caller that made it.</summary>
    public string CreatedBy => _key.CreatedBy;

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt => _key.CreatedAt;

    /// <summary>The time of its last use; UTC, null for none. A restart may lose those of the last minute.</summary>
    public DateTimeOffset? LastUsedAt => caller.LastUsedAt;

    /// <summary>The text, which is answered when it is made and never again.</summary>
    public string? Key => text;
}
