using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Middleware.Callers;
using Middleware.Filtering;
using Middleware.Http;
using ServiceDefaults.Limits;

namespace Middleware.Storage;

/// <summary>The stored form of an API key: JSON of which members are only ever added.</summary>
internal sealed record KeyDocument
{
    public required string Name { get; init; }

    /// <summary>Base64 of the SHA-256 of its text.</summary>
    public required byte[] Digest { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public IReadOnlyList<string> Sources { get; init; } = [];

    public IReadOnlyList<string> Networks { get; init; } = [];

    public string? RateLimit { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public byte[]? PreviousDigest { get; init; }

    public DateTimeOffset? OverlapUntil { get; init; }

    public static string Write(ApiKey key) => JsonSerializer.Serialize(Of(key), KeyJson.Default.KeyDocument);

    /// <summary>The JSON of a key for the audit log, without its digests.</summary>
    public static string Show(ApiKey key) => JsonSerializer.Serialize(Of(key) with { Digest = [], PreviousDigest = null }, KeyJson.Default.KeyDocument);

    private static KeyDocument Of(ApiKey key) =>
        new()
        {
            Name = key.Name,
            Digest = key.Digest.ToArray(),
            Scopes = ScopeNames.Of(key.Scopes),
            Sources = [.. key.Sources.Texts],
            Networks = [.. key.Networks.Select(static network => network.ToString())],
            RateLimit = key.Rate?.ToString(),
            CreatedAt = key.CreatedAt,
            CreatedBy = key.CreatedBy,
            ExpiresAt = key.ExpiresAt,
            PreviousDigest = key.Previous?.Digest.ToArray(),
            OverlapUntil = key.Previous?.ExpiresAt,
        };

    /// <summary>Reads the JSON of <see cref="Write"/>; any other text throws a <see cref="JsonException"/> or a <see cref="FormatException"/>.</summary>
    public static ApiKey Read(string id, string json)
    {
        var document = JsonSerializer.Deserialize(json, KeyJson.Default.KeyDocument) ?? throw new FormatException("It is empty.");
        var faults = new List<FilterFault>();
        var key = new ApiKey
        {
            Id = id,
            Name = document.Name,
            Digest = document.Digest,

            // A scope of a newer version permits nothing here.
            Scopes = document.Scopes.Aggregate(Http.Scopes.None, static (all, name) => all | (ScopeNames.Find(name) ?? Http.Scopes.None)),
            Sources = NamePatterns.Read("sources", [.. document.Sources], faults),
            Networks = [.. document.Networks.Select(IPNetwork.Parse)],
            Rate = document.RateLimit is { } rate ? RequestRate.Parse(rate) : null,
            CreatedAt = document.CreatedAt,
            CreatedBy = document.CreatedBy,
            ExpiresAt = document.ExpiresAt,
            Previous = document is { PreviousDigest: { } digest, OverlapUntil: { } until } ? new ReplacedKey(digest, until) : null,
        };
        return faults.Count == 0 ? key : throw new FormatException(string.Join("; ", faults));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeyDocument))]
internal sealed partial class KeyJson : JsonSerializerContext;
