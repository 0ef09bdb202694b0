using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Middleware.Http;

namespace Middleware.Callers;

/// <summary>Bearer tokens (RFC 7519, RFC 6750), checked by ASP.NET Core's handler.</summary>
internal static class Tokens
{
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private const int LeastRsaBits = 2048;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly string[] NameClaims = ["sub", "client_id", "azp"];
    private static readonly string[] ScopeClaims = ["scope", "scp", "roles"];

    public static void AddTo(IServiceCollection services)
    {
        // The only scheme would be the default of a handler before the gate, which judged the tokens of all requests a first time.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        services.AddAuthentication().AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<AuthSettings, TokenKeys>(static (options, settings, keys) =>
        {
            if (settings.Tokens is not { } tokens)
            {
                return;
            }

            options.ConfigurationManager = keys;
            options.MapInboundClaims = false;
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidAlgorithms = Algorithms,
                ValidAudience = tokens.Audience,
                ValidIssuer = tokens.Issuer,
                ValidateIssuer = tokens.Issuer is not null || tokens.Authority is not null,
                ValidateIssuerSigningKey = true,
                IssuerSigningKeyValidator = static (key, _, _) => IsLongEnough(key),
                ClockSkew = Skew,
            };
            options.Events = new JwtBearerEvents { OnTokenValidated = RefuseUnknownExtensions };
        });
    }

    /// <summary>False for an RSA key that is too short to be trusted (RFC 7518, 3.3). The curves of the algorithms have their lengths.</summary>
    private static bool IsLongEnough(SecurityKey key) =>
        key is not (RsaSecurityKey or X509SecurityKey or JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.RSA }) || key.KeySize >= LeastRsaBits;

    /// <summary>A token that names extensions as critical needs a reader who knows them (RFC 7515, 4.1.11); none is known here.</summary>
    private static Task RefuseUnknownExtensions(TokenValidatedContext context)
    {
        if (context.SecurityToken is JsonWebToken token && token.TryGetHeaderValue<object>("crit", out _))
        {
            context.Fail("The token has critical extensions.");
        }

        return Task.CompletedTask;
    }

    /// <summary>The subject of a request's token, or its client; null for a token that is not valid or names neither.</summary>
    public static async Task<Caller?> FindAsync(HttpContext context, TokenSettings settings)
    {
        var result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        return result is { Succeeded: true, Principal: var principal } && NameOf(principal) is { } name ? new Caller($"jwt:{name}", ScopesOf(principal, settings)) : null;
    }

    /// <summary>True until the token of a request that was let through has expired. It is not judged again.</summary>
    public static async ValueTask<bool> IsStillValidAsync(HttpContext context, TimeProvider clock)
    {
        var result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        return result.Succeeded && (result.Properties.ExpiresUtc is not { } end || clock.GetUtcNow() < end + Skew);
    }

    /// <summary>Null for none: its callers would share one rate, and idempotency keys.</summary>
    private static string? NameOf(ClaimsPrincipal principal) =>
        NameClaims.Select(claim => principal.FindFirst(claim)?.Value).FirstOrDefault(static name => !string.IsNullOrWhiteSpace(name));

    /// <summary>The scopes of all values of the claims, which are lists separated by spaces (RFC 8693, 4.2) or arrays.</summary>
    private static Scopes ScopesOf(ClaimsPrincipal principal, TokenSettings settings) => principal.Claims
        .Where(static claim => ScopeClaims.Contains(claim.Type))
        .SelectMany(static claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(claim.Value))
        .Aggregate(Scopes.None, (all, value) => all | settings.Scopes.GetValueOrDefault(value));
}
