using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using Middleware.Callers;

namespace Tests.Middleware.Callers;

public sealed class AcceptingTokens : IAsyncDisposable
{
    private static readonly MadeTokens Issuer = new();

    private MiddlewareService? _service;

    // The handler of tokens reads the time of the machine.
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public ValueTask DisposeAsync() => _service?.DisposeAsync() ?? default;

    [Theory]
    [InlineData("scope", "events:write other", HttpStatusCode.OK)]
    [InlineData("scp", "events:write", HttpStatusCode.OK)]
    [InlineData("roles", "events:write", HttpStatusCode.OK)]
    [InlineData("roles", "Event Senders", HttpStatusCode.OK)]
    [InlineData("roles", new[] { "other", "events:write" }, HttpStatusCode.OK)]
    [InlineData("scope", "events:read", HttpStatusCode.Forbidden)]
    [InlineData("scope", "EVENTS:WRITE", HttpStatusCode.Forbidden)]
    [InlineData("groups", "events:write", HttpStatusCode.Forbidden)]
    public async Task The_claims_of_a_token_are_its_scopes(string claim, object value, HttpStatusCode expected)
    {
        Start(("JWT_SCOPES", "Event Senders=events:write,Admins=admin"));

        Assert.Equal(expected, await Post(Issuer.Make(Now, claim, value)));
    }

    [Fact]
    public async Task A_token_that_is_not_for_this_service_or_not_in_its_time_is_refused()
    {
        Start(("JWT_ISSUER", MadeTokens.Issuer));
        using var stranger = new MadeTokens();
        const string Scope = "events:write";

        Assert.Equal(HttpStatusCode.OK, await Post(Issuer.Make(Now, "scope", Scope)));
        Assert.Equal(HttpStatusCode.OK, await Post(Issuer.Make(Now - TimeSpan.FromSeconds(20), "scope", Scope, lifetime: TimeSpan.FromSeconds(5))));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now - TimeSpan.FromHours(2), "scope", Scope)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now + TimeSpan.FromHours(1), "scope", Scope)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now, "scope", Scope, audience: "other")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now, "scope", Scope, issuer: "https://evil.example/")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(stranger.Make(Now, "scope", Scope)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now, "scope", Scope) + "x"));
    }

    [Theory]
    [InlineData(SecurityAlgorithms.RsaSha256)]
    [InlineData(SecurityAlgorithms.RsaSha512)]
    [InlineData(SecurityAlgorithms.RsaSsaPssSha256)]
    public async Task Tokens_of_the_accepted_algorithms_pass(string algorithm)
    {
        Start();

        Assert.Equal(HttpStatusCode.OK, await Post(Issuer.Make(Now, "scope", "events:write", algorithm: algorithm)));
    }

    [Fact]
    public async Task Without_a_subject_the_client_is_the_caller_and_a_token_without_both_is_refused()
    {
        Start();
        var ids = new List<string>();
        foreach (var client in (string[])["one", "two"])
        {
            var token = Issuer.Make(Now, "scope", "events:write", subject: null, more: ("client_id", client));
            using var answer = await _service!.PostEvent(ServiceRequests.Valid, $"Authorization: Bearer {token}", "Idempotency-Key: same");
            ids.Add(await MiddlewareClient.EventIdAsync(answer));
        }

        Assert.Equal(2, ids.Distinct().Count());
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now, "scope", "events:write", subject: null)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now, "scope", "events:write", subject: "")));
    }

    [Fact]
    public async Task A_token_with_a_critical_extension_or_of_a_short_key_is_refused()
    {
        Start();
        Assert.Equal(HttpStatusCode.OK, await Post(Issuer.Make(Now, "scope", "events:write")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now, "scope", "events:write", more: ("crit", ""))));

        using var issuer = new MadeTokens(bits: 1024);
        await using var service = new MiddlewareService(("JWT_JWKS", issuer.KeySet), ("JWT_AUDIENCE", MadeTokens.Audience));
        Assert.Equal(HttpStatusCode.Unauthorized, await service.Status(HttpMethod.Get, "/api/v1/events", null, $"Authorization: Bearer {issuer.Make(Now, "scope", "events:read")}"));
    }

    [Fact]
    public async Task A_token_of_a_shared_secret_or_without_a_signature_is_refused()
    {
        Start();
        var parts = Issuer.Make(Now, "scope", "events:write").Split('.');
        var none = $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";

        Assert.Equal(HttpStatusCode.Unauthorized, await Post(none));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.MakeShared(Now)));
    }

    [Fact]
    public async Task The_keys_of_an_authority_are_fetched_and_those_of_before_hold_while_it_is_away()
    {
        using var second = new MadeTokens();
        var served = Issuer.KeySet;
        var isAway = true;
        await using var authority = await WebReceiver.StartAsync(async context =>
        {
            var address = $"http://{context.Request.Host}";
            context.Response.StatusCode = isAway ? 503 : 200;
            await context.Response.WriteAsync(context.Request.Path == "/keys" ? served : new JsonObject { ["issuer"] = MadeTokens.Issuer, ["jwks_uri"] = $"{address}/keys" }.ToJsonString());
        });
        _service = new MiddlewareService(("JWT_AUTHORITY", authority.Url.ToString()), ("JWT_AUDIENCE", MadeTokens.Audience));

        using var early = await Send(Issuer.Make(Now, "scope", "events:write")).WithStatus(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("5", early.Headers.RetryAfter?.ToString());

        isAway = false;
        await KnowsAsync(Issuer);

        // The authority signs with another key: a token of it asks for a fetch, at most one in half a minute.
        served = second.KeySet;
        await KnowsAsync(second);
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(Issuer.Make(Now, "scope", "events:write")));

        isAway = true;
        var before = Failures();
        await Waiting.Until(() =>
        {
            _service.Clock.Advance(TokenKeys.Interval);
            return Failures() > before;
        });
        Assert.Equal(HttpStatusCode.OK, await Post(second.Make(Now, "scope", "events:write")));

        int Failures() => _service.Log.Of("the keys of tokens cannot be fetched, trying again").Count();
    }

    private Task<HttpStatusCode> KnowsAsync(MadeTokens issuer) => Waiting.SeeAsync(
        async () =>
        {
            _service!.Clock.Advance(TokenKeys.Interval);
            return await Post(issuer.Make(Now, "scope", "events:write"));
        },
        static status => status == HttpStatusCode.OK,
        "the keys are fetched");

    private void Start(params (string, string)[] more) => _service = new MiddlewareService([("JWT_JWKS", Issuer.KeySet), ("JWT_AUDIENCE", MadeTokens.Audience), .. more]);

    private Task<HttpResponseMessage> Send(string token) => _service!.PostEvent(ServiceRequests.Valid, $"Authorization: Bearer {token}");

    private Task<HttpStatusCode> Post(string token) => Send(token).StatusCode();
}
