using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware.Callers;

/// <summary>The settings of JSON Web Tokens (RFC 7519): who issues them, for whom they are, and which scopes their claims stand for.</summary>
internal sealed record TokenSettings
{
    private const string Expected = "expected a JSON Web Key Set (RFC 7517) with at least one public RSA or EC key";
    private const string AuthorityExample = "https://login.example.com/tenant";

    /// <summary>The issuer whose keys are fetched (OpenID Connect Discovery 1.0); null where <see cref="Keys"/> are given.</summary>
    public Uri? Authority { get; private init; }

    /// <summary>The keys (RFC 7517); null where they are fetched.</summary>
    public JsonWebKeySet? Keys { get; private init; }

    /// <summary>The issuer that a token must name; null for the authority's, or for any beside given keys.</summary>
    public string? Issuer { get; private init; }

    public required string Audience { get; init; }

    /// <summary>The scopes by the values of the claims <c>scope</c>, <c>scp</c> and <c>roles</c>; a scope's own name is always among them.</summary>
    public required FrozenDictionary<string, Scopes> Scopes { get; init; }

    /// <summary>Null when no tokens are configured.</summary>
    public static TokenSettings? Read(SettingsReader settings)
    {
        var authority = settings.HttpUrl(Setting.JwtAuthority.Name, "", AuthorityExample);
        if (authority is { IsLoopback: false, Scheme: "http" })
        {
            settings.Refuse(Setting.JwtAuthority.Name, SettingsReader.WithoutCredentials(authority.OriginalString), $"expected https, such as {AuthorityExample}: who changes its keys on the way is everybody");
        }

        var keys = ReadKeys(settings);
        var (audience, issuer) = (settings.Text(Setting.JwtAudience.Name) ?? "", settings.Text(Setting.JwtIssuer.Name));
        if (authority is null && keys is null)
        {
            return null;
        }

        if (authority is not null && keys is not null)
        {
            settings.Refuse(Setting.JwtAuthority.Name, SettingsReader.WithoutCredentials(authority.OriginalString), $"expected it or {Setting.JwtJwks.Name}, not both");
        }

        if (string.IsNullOrWhiteSpace(audience))
        {
            settings.Refuse(Setting.JwtAudience.Name, audience, "expected the audience for which tokens are issued: without it those for other services are taken too");
        }

        return new TokenSettings { Authority = authority, Keys = keys, Issuer = issuer is { Length: > 0 } ? issuer : null, Audience = audience, Scopes = ReadScopes(settings) };
    }

    private static JsonWebKeySet? ReadKeys(SettingsReader settings)
    {
        if (settings.Text(Setting.JwtJwks.Name) is not { Length: > 0 } text)
        {
            return null;
        }

        JsonWebKeySet? keys = null;
        try
        {
            keys = new JsonWebKeySet(text);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException)
        {
            settings.Refuse(Setting.JwtJwks.Name, "(hidden)", Expected);
            return null;
        }

        if (!keys.GetSigningKeys().Any(static key => key is not SymmetricSecurityKey))
        {
            settings.Refuse(Setting.JwtJwks.Name, "(hidden)", Expected);
        }

        return keys;
    }

    private static FrozenDictionary<string, Scopes> ReadScopes(SettingsReader settings)
    {
        var text = settings.Text(Setting.JwtScopes.Name) ?? "";
        var scopes = ScopeNames.Single.Texts.ToDictionary(static name => name, static name => ScopeNames.Find(name)!.Value);
        foreach (var entry in SettingsReader.Entries(text))
        {
            var equals = entry.LastIndexOf('=');
            if (equals < 1 || ScopeNames.Find(entry[(equals + 1)..]) is not { } scope)
            {
                settings.Refuse(Setting.JwtScopes.Name, text, $"expected value=scope, such as Operators=operate, separated by commas; scopes are {string.Join(", ", ScopeNames.Single.Texts)}");
                break;
            }

            scopes[entry[..equals]] = scopes.GetValueOrDefault(entry[..equals]) | scope;
        }

        return scopes.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
