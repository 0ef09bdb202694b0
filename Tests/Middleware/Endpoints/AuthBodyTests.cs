using Middleware.Endpoints;
using Middleware.Events;
using Tests.Middleware.Sending;

namespace Tests.Middleware.Endpoints;

public sealed class AuthBodyTests() : OnAService(MiddlewareService.WithoutEndpoint(
    ("Endpoints:mail:url", "https://mail.example/"), ("Endpoints:mail:auth:kind", "bearer"), ("Endpoints:mail:auth:token", "canary-3")))
{
    private const string Basic = """{"kind":"basic","username":"us","password":"canary-1"}""";
    private const string OAuth2 = """{"kind":"oauth2","token_url":"https://login.example/token","client_id":"me","client_secret":"canary-2","scope":"a b"}""";

    public static TheoryData<string, string, string> Faults => new()
    {
        { """{}""", "auth.kind", "is required; expected one of bearer, basic, oauth2, mtls" },
        { """{"kind":"digest"}""", "auth.kind", "\"digest\" is not a known value; expected one of bearer, basic, oauth2, mtls" },
        { """{"kind":"bearer"}""", "auth.token", "is required for kind \"bearer\"" },
        { """{"kind":"bearer","token":"canary 4"}""", "auth.token", "expected visible ASCII characters without spaces" },
        { """{"kind":"bearer","token":"t","username":"u"}""", "auth.username", "is no member of kind \"bearer\"; expected token" },
        { """{"kind":"basic","username":"a:b","password":"canary-5"}""", "auth.username", "expected no colon and no control characters" },
        { """{"kind":"basic","username":"a","password":"canary\n6"}""", "auth.password", "expected no control characters" },
        { """{"kind":"oauth2","token_url":"https://login.example/","client_id":"a"}""", "auth.client_secret", "is required for kind \"oauth2\", and again with another token_url" },
        { """{"kind":"oauth2","token_url":"http://10.0.0.1/","client_id":"a","client_secret":"canary-7"}""", "auth.token_url", "events are not sent to 10.0.0.1; expected a public address, or one in ALLOWED_NETWORKS" },
        { """{"kind":"mtls","certificate":"canary-8","key":"canary-9"}""", "auth.certificate", "expected a certificate in PEM, from -----BEGIN CERTIFICATE----- on, and behind it those of its issuers, if any" },
        { """[]""", "auth", "must be an object" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Credentials_that_could_not_be_used_are_refused_without_a_secret(string auth, string member, string fault)
    {
        var refused = await Service.Ask(HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.BadRequest, Definition(auth));

        var error = Assert.Single(refused["errors"]!.AsObject());
        Assert.Equal((member, fault), (error.Key, (string?)error.Value!.AsArray().Single()));
        Assert.DoesNotContain("canary", refused.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_refused()
    {
        using var certificate = MadeCertificate.Server();
        using var other = MadeCertificate.Server();

        await Service.Post(ServiceRequests.Endpoints, Definition(Mtls(certificate.ExportCertificatePem(), other.KeyPem())))
            .IsFault(HttpStatusCode.BadRequest, "expected the private key of the certificate in PEM, without a password", "auth.key");
    }

    [Fact]
    public async Task What_would_be_sent_twice_or_never_is_refused()
    {
        using var certificate = MadeCertificate.Server();
        var mtls = Mtls(certificate.ExportCertificatePem(), certificate.KeyPem());

        await Service.Post(ServiceRequests.Endpoints, Definition(Basic, headers: """{"authorization":"Bearer canary-10"}""")).IsFault(
            HttpStatusCode.BadRequest, "\"basic\" sets the header Authorization; expected either auth or that header among headers, not both", "auth");
        await Service.Post(ServiceRequests.Endpoints, Definition(mtls, url: "http://pager.example/")).IsFault(
            HttpStatusCode.BadRequest, "\"mtls\" shows a certificate in TLS; expected a url with https", "auth");
        await Service.Create(Definition(mtls, headers: """{"Authorization":"Bearer t"}"""));
    }

    [Fact]
    public async Task Secrets_are_never_shown_and_stay_when_the_answer_is_put_back()
    {
        var path = await Create(OAuth2);
        var shown = await Service.Get(path);
        Assert.Equal("""{"kind":"oauth2","token_url":"https://login.example/token","client_id":"me","scope":"a b"}""", shown["auth"]!.ToJsonString());

        await Service.Ask(HttpMethod.Put, path, HttpStatusCode.OK, shown.ToJsonString(), "If-Match: *");
        await Service.Restart();

        Assert.Equal(new SecretValue("canary-2"), Auth(path)!.ClientSecret);
        Assert.Equal(new EndpointAuth { Kind = AuthKind.Bearer, Token = new SecretValue("canary-3") }, Service.Endpoints.Find(new EndpointId("mail"))!.Auth);
        Assert.DoesNotContain("canary", (await Service.Get(ServiceRequests.Endpoints)).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", string.Join('\n', Service.Log.All.SelectMany(static line => line.Values.Values.Append(line.Message))), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", $"{Service.Endpoints.All[0]} {Service.Endpoints.All[1]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_server_does_not_get_the_secret_that_stayed()
    {
        var path = await Create(OAuth2);

        var refused = await Service.Patch(path, HttpStatusCode.BadRequest, """{"auth":{"token_url":"https://other.example/"}}""");
        Assert.Equal(["auth.client_secret"], refused["errors"]!.AsObject().Select(static error => error.Key));
        await Service.Patch(path, HttpStatusCode.OK, """{"auth":{"token_url":"https://other.example/","client_secret":"canary-11"}}""");

        Assert.Equal(("https://other.example/", new SecretValue("canary-11"), "a b"), (Auth(path)!.TokenUrl, Auth(path)!.ClientSecret, Auth(path)!.Scope));
    }

    [Theory]
    [InlineData("""{"name":"other"}""", "canary-1")]
    [InlineData("""{"auth":{"username":"you"}}""", "canary-1")]
    [InlineData("""{"auth":{"password":"new"}}""", "new")]
    [InlineData("""{"auth":{"kind":"bearer","token":"t"}}""", null)]
    [InlineData("""{"auth":null}""", null)]
    public async Task A_patch_is_merged_into_them(string patch, string? password)
    {
        var path = await Create(Basic);

        await Service.Patch(path, HttpStatusCode.OK, patch);

        Assert.Equal(password, Auth(path)?.Password?.Text);
    }

    [Fact]
    public async Task A_replacement_without_them_has_none()
    {
        var path = await Create(Basic);

        await Service.Ask(HttpMethod.Put, path, HttpStatusCode.OK, """{"name":"pager","url":"https://pager.example/hook"}""", "If-Match: *");

        Assert.Null(Auth(path));
    }

    private async Task<string> Create(string auth) => $"{ServiceRequests.Endpoints}/{(await Service.Create(Definition(auth)))["id"]}";

    private EndpointAuth? Auth(string path) => Service.Endpoints.Find(new EndpointId(path.Split('/')[^1]))!.Auth;

    private static string Mtls(string certificate, string key) => new JsonObject { ["kind"] = "mtls", ["certificate"] = certificate, ["key"] = key }.ToJsonString();

    private static string Definition(string auth, string url = "https://pager.example/hook", string headers = "null") =>
        $$"""{"name":"pager","url":"{{url}}","headers":{{headers}},"auth":{{auth}}}""";
}
