using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using Tests.Middleware.Callers;

namespace Tests.Console.SigningIn;

/// <summary>A provider of OpenID Connect on another site than the console: whoever comes is Jane, at once. It knows the authorization code with PKCE alone.</summary>
internal sealed class SmallProvider : IAsyncDisposable
{
    public const string ClientId = "console-of-tests";
    public const string ClientSecret = "secret-of-tests";

    private readonly MadeTokens _keys = new();
    private readonly ConcurrentDictionary<string, IQueryCollection> _codes = new();
    private WebReceiver? _server;

    /// <summary>For browsers <c>localhost</c> is another site than <c>127.0.0.1</c>.</summary>
    public string Issuer => $"http://localhost:{_server!.Url.Port}";

    /// <summary>Its public keys.</summary>
    public string KeySet => _keys.KeySet;

    /// <summary>The seconds for which it says that access tokens are good.</summary>
    public int Seconds { get; set; } = 3600;

    /// <summary>False for answers without an access token.</summary>
    public bool GivesToken { get; set; } = true;

    /// <summary>True for a person who says no.</summary>
    public bool IsRefused { get; set; }

    /// <summary>The question of the last sign-in.</summary>
    public IQueryCollection? Asked { get; private set; }

    public static async Task<SmallProvider> StartAsync()
    {
        var provider = new SmallProvider();
        provider._server = await WebReceiver.StartAsync(provider.AnswerAsync);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _keys.Dispose();
    }

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/.well-known/openid-configuration" => context.Response.WriteAsync(new JsonObject
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = $"{Issuer}/authorize",
            ["token_endpoint"] = $"{Issuer}/token",
            ["jwks_uri"] = $"{Issuer}/keys",
        }.ToJsonString()),
        "/keys" => context.Response.WriteAsync(KeySet),
        "/authorize" => AuthorizeAsync(context),
        "/token" => TokenAsync(context),
        _ => WebReceiver.AnswerAsync(context, StatusCodes.Status404NotFound),
    };

    // A page, and not a redirect: a browser then knows that another site leads back.
    private Task AuthorizeAsync(HttpContext context)
    {
        Asked = context.Request.Query;
        var code = RandomNumberGenerator.GetHexString(32);
        _codes[code] = Asked;
        var back = $"{Asked["redirect_uri"]}?state={Uri.EscapeDataString(Asked["state"]!)}&{(IsRefused ? "error=access_denied" : $"code={code}")}";
        context.Response.ContentType = "text/html";
        return context.Response.WriteAsync($"""<a id="back" href="{back}">Jane</a>""");
    }

    private async Task TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (!_codes.TryRemove(form["code"].ToString(), out var asked)
            || form["client_id"] != ClientId || form["client_secret"] != ClientSecret || form["redirect_uri"] != asked["redirect_uri"]
            || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]!))) != asked["code_challenge"])
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("""{"error":"invalid_grant"}""");
            return;
        }

        var now = TimeProvider.System.GetUtcNow();
        var answer = new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = Seconds,
            ["id_token"] = _keys.Make(now, "iat", now.ToUnixTimeSeconds(), ClientId, Issuer, more: ("nonce", asked["nonce"].ToString())),
        };
        if (GivesToken)
        {
            answer["access_token"] = _keys.Make(now, "scope", "admin operate", issuer: Issuer);
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }
}
