using System.Net;
using System.Security.Cryptography;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;
using Middleware.Http;
using ServiceDefaults.Limits;

namespace Middleware.Callers;

/// <summary>An API key, of which only the digest is kept.</summary>
internal sealed record ApiKey
{
    /// <summary>8 characters of <c>0-9A-Za-z</c>, which are in the key's text.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>SHA-256 of the text.</summary>
    public required ReadOnlyMemory<byte> Digest { get; init; }

    public required Scopes Scopes { get; init; }

    /// <summary>The sources of which it may post events.</summary>
    public NamePatterns Sources { get; init; } = NamePatterns.Any;

    /// <summary>The networks from which it may be used; none for any.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Its rate in the place of <c>RATE_LIMIT</c>; null for none of its own.</summary>
    public RequestRate? Rate { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The caller that made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The key that it replaced; null for none.</summary>
    public ReplacedKey? Previous { get; init; }

    /// <summary>True for the text of this digest, as it is or as it was before a rotation whose overlap has not ended.</summary>
    public bool IsOf(ReadOnlySpan<byte> digest, DateTimeOffset now) =>
        CryptographicOperations.FixedTimeEquals(Digest.Span, digest)
        | (Previous is { } previous && CryptographicOperations.FixedTimeEquals(previous.Digest.Span, digest) && now < previous.ExpiresAt);

    /// <summary>True for an address of its networks.</summary>
    public bool MayComeFrom(IPAddress? address)
    {
        if (Networks.Count == 0)
        {
            return true;
        }

        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null && Networks.Any(network => network.Contains(plain));
    }
}

/// <summary>The digest of the key before a rotation, and the end of its time.</summary>
internal sealed record ReplacedKey(ReadOnlyMemory<byte> Digest, DateTimeOffset ExpiresAt);

/// <summary>The holder of an API key.</summary>
internal sealed class KeyCaller(ApiKey key, DateTimeOffset? lastUsedAt) : Caller($"key:{key.Id}", key.Scopes)
{
    // Comparing with patterns costs steps; those of a key are no more than those of a filter.
    private const int MostSteps = 100_000;

    private long _lastUsed = lastUsedAt?.UtcTicks ?? 0;

    public ApiKey Key => key;

    public override RateClient? Client { get; } = new($"key:{key.Id}", key.Rate);

    /// <summary>The time of its last use; null for none.</summary>
    public DateTimeOffset? LastUsedAt => Volatile.Read(ref _lastUsed) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Takes over the last use that another replica noted, if it is later.</summary>
    public KeyCaller UsedAlso(DateTimeOffset? at)
    {
        if (at > (LastUsedAt ?? DateTimeOffset.MinValue))
        {
            Use(at.Value);
        }

        return this;
    }

    public void Use(DateTimeOffset now) => Volatile.Write(ref _lastUsed, now.UtcTicks);

    public override bool MaySend(string source)
    {
        var budget = new StepBudget(MostSteps);
        return key.Sources.Matches(source, ref budget);
    }
}
