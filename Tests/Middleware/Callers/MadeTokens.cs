using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Tests.Middleware.Callers;

/// <summary>An issuer of tokens with a key of its own.</summary>
/// <param name="bits">The length of its key.</param>
internal sealed class MadeTokens(int bits = 2048) : IDisposable
{
    public const string Audience = "aspire-integration";
    public const string Issuer = "https://login.example.com/";

    private static readonly string[] Extensions = ["x"];

    private readonly RSA _rsa = RSA.Create(bits);
    private readonly string _keyId = RandomNumberGenerator.GetHexString(32);

    /// <summary>Its public keys (RFC 7517).</summary>
    public string KeySet => new JsonObject { ["keys"] = new JsonArray(PublicKey()) }.ToJsonString();

    private RsaSecurityKey Key => new(_rsa) { KeyId = _keyId, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };

    /// <summary>A token with claims, good for an hour from a time.</summary>
    public string Make(DateTimeOffset now, string claim, object value, string audience = Audience, string issuer = Issuer, string algorithm = SecurityAlgorithms.RsaSha256, TimeSpan? lifetime = null, string? subject = "jane", (string Claim, string Value)? more = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Audience = audience,
            Issuer = issuer,
            NotBefore = now.UtcDateTime,
            Expires = (now + (lifetime ?? TimeSpan.FromHours(1))).UtcDateTime,
            Claims = Claims((claim, value), ("sub", subject), (more?.Claim ?? "", more?.Value)),
            SigningCredentials = new SigningCredentials(Key, algorithm),
            AdditionalHeaderClaims = more?.Claim == "crit" ? new Dictionary<string, object> { ["crit"] = Extensions, ["x"] = 1 } : null,
        });

    /// <summary>A token that is signed with the public key as a shared secret, as a forger may.</summary>
    public string MakeShared(DateTimeOffset now) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Audience = Audience,
        Issuer = Issuer,
        Expires = (now + TimeSpan.FromHours(1)).UtcDateTime,
        Claims = new Dictionary<string, object> { ["scope"] = "events:write" },
        SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()) { KeyId = _keyId }, SecurityAlgorithms.HmacSha256),
    });

    public void Dispose() => _rsa.Dispose();

    private static Dictionary<string, object> Claims(params (string Name, object? Value)[] claims) =>
        claims.Where(static claim => claim.Value is not null).ToDictionary(static claim => claim.Name, static claim => claim.Value!);

    private JsonObject PublicKey()
    {
        var key = _rsa.ExportParameters(includePrivateParameters: false);
        return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = _keyId, ["n"] = Base64UrlEncoder.Encode(key.Modulus), ["e"] = Base64UrlEncoder.Encode(key.Exponent) };
    }
}
