using System.Text.Json.Serialization;

namespace Middleware.Endpoints;

/// <summary>The kind of an endpoint's credentials. The names are stored; they never change.</summary>
internal enum AuthKind
{
    /// <summary>A token in the header <c>Authorization</c> (RFC 6750).</summary>
    [JsonStringEnumMemberName("bearer")]
    Bearer,

    /// <summary>A user name and a password in the header <c>Authorization</c> (RFC 7617).</summary>
    [JsonStringEnumMemberName("basic")]
    Basic,

    /// <summary>A token of an authorization server, for the client's credentials (RFC 6749, 4.4).</summary>
    [JsonStringEnumMemberName("oauth2")]
    OAuth2,

    /// <summary>A certificate in the handshake of TLS.</summary>
    [JsonStringEnumMemberName("mtls")]
    Mtls,
}

/// <summary>The credentials that deliveries bear. Its secret members are never shown.</summary>
internal sealed record EndpointAuth
{
    /// <summary><c>bearer</c>, <c>basic</c>, <c>oauth2</c> or <c>mtls</c>.</summary>
    public required AuthKind Kind { get; init; }

    /// <summary>The token of <c>bearer</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SecretValue? Token { get; init; }

    /// <summary>The user name of <c>basic</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Username { get; init; }

    /// <summary>The password of <c>basic</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SecretValue? Password { get; init; }

    /// <summary>The URL from which <c>oauth2</c> has its tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TokenUrl { get; init; }

    /// <summary>The client of <c>oauth2</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ClientId { get; init; }

    /// <summary>The client's secret.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SecretValue? ClientSecret { get; init; }

    /// <summary>The scopes that <c>oauth2</c> asks for; null for the server's default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; init; }

    /// <summary>The audience that <c>oauth2</c> asks for; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audience { get; init; }

    /// <summary>The certificate of <c>mtls</c> and those of its issuers, in PEM.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SecretValue? Certificate { get; init; }

    /// <summary>The certificate's private key, in PEM.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SecretValue? Key { get; init; }

    /// <summary>True when deliveries bear it in the header <c>Authorization</c>.</summary>
    [JsonIgnore]
    public bool IsHeader => Kind != AuthKind.Mtls;

    /// <summary>The credentials as answers and the audit log show them: without secrets, with the query of <c>token_url</c> or without it.</summary>
    public EndpointAuth Shown(bool hidesQuery) => WithSecrets(static secret => secret.Reference is null ? null : secret) with
    {
        TokenUrl = hidesQuery && TokenUrl is { } url ? WebhookUrl.HideQuery(url) : TokenUrl,
    };

    /// <summary>True when a file has one of its secrets.</summary>
    [JsonIgnore]
    public bool HasReference => (Token ?? Password ?? ClientSecret ?? Certificate)?.Reference is not null || Key?.Reference is not null;

    /// <summary>The fault of secrets that cannot be used, without any of them; null for none. References are judged when they are read.</summary>
    public string? FaultInSecrets() =>
        Token?.Text is { } token && !AuthMembers.IsVisible(token) ? "token: expected visible ASCII characters without spaces"
        : this is { Certificate.Text: { } certificate, Key.Text: { } key } && ClientCertificate.FaultIn(certificate, key) is var (member, fault) ? $"{member}: {fault}"
        : null;

    /// <summary>The credentials with another value for each secret.</summary>
    public EndpointAuth WithSecrets(Func<SecretValue, SecretValue?> value)
    {
        return this with { Token = Of(Token), Password = Of(Password), ClientSecret = Of(ClientSecret), Certificate = Of(Certificate), Key = Of(Key) };

        SecretValue? Of(SecretValue? secret) => secret is null ? null : value(secret);
    }
}
