using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Endpoints;

public sealed class ReferringToSecrets : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly MiddlewareService _service;

    public ReferringToSecrets() => _service = MiddlewareService.WithoutEndpoint(
        ("SECRETS_DIR", _folder.Path),
        ("Endpoints:mail:url", "https://mail.example/"),
        ("Endpoints:mail:secret:secret_ref", Path("key")),
        ("Endpoints:mail:headers:X-Key:secret_ref", Path("header")));

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task References_are_kept_and_those_of_credentials_shown_and_put_back()
    {
        var auth = $$$"""{"kind":"basic","username":"us","password":{"secret_ref":"{{{Path("password")}}}"}}""";
        var created = await _service.Create($$$"""{"name":"pager","url":"https://pager.example/","headers":{"X-Team":"core","X-Key":{"secret_ref":"{{{Path("header")}}}"}},"auth":{{{auth}}}}""");
        Assert.Equal((auth, """["X-Team","X-Key"]"""), (created["auth"]!.ToJsonString(), created["header_names"]!.ToJsonString()));
        var path = $"{ServiceRequests.Endpoints}/{created["id"]}";

        await _service.Ask(HttpMethod.Put, path, HttpStatusCode.OK, (await _service.Get(path)).ToJsonString(), "If-Match: *");
        await _service.Patch(path, HttpStatusCode.OK, """{"headers":{"X-Team":null,"X-New":"n"}}""");
        await _service.Restart();

        var kept = _service.Endpoints.Find(new EndpointId((string)created["id"]!))!;
        Assert.Equal(new SecretValue(null, Path("password")), kept.Auth!.Password);
        Assert.Equal([new("X-New", "n")], kept.Headers.All);
        Assert.Equal([new("X-Key", Path("header"))], kept.Headers.Referring);
    }

    [Fact]
    public async Task A_declared_endpoint_signs_with_the_secret_of_its_file()
    {
        var mail = await _service.Get($"{ServiceRequests.Endpoints}/mail");

        Assert.Equal((true, """["X-Key"]"""), ((bool)mail["is_signed"]!, mail["header_names"]!.ToJsonString()));
        Assert.Equal(Path("key"), _service.Endpoints.Find(new EndpointId("mail"))!.SecretReference);
        await _service.Post($"{ServiceRequests.Endpoints}/mail/rotate-secret", HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("""{"secret_ref":"file:/etc/passwd"}""", "\"file:/etc/passwd\" is not accepted; expected a file in {folder} (SECRETS_DIR), also behind links")]
    [InlineData("""{"secret_ref":7}""", """must be a string, or an object such as {"secret_ref":"file:/run/secrets/pager"}""")]
    [InlineData("""{"secret_ref":"file:/x","more":1}""", """must be a string, or an object such as {"secret_ref":"file:/run/secrets/pager"}""")]
    [InlineData("""7""", """must be a string, or an object such as {"secret_ref":"file:/run/secrets/pager"}""")]
    public async Task What_is_no_reference_is_refused(string value, string fault)
    {
        var expected = fault.Replace("{folder}", _folder.Path, StringComparison.Ordinal);

        await _service.Post(ServiceRequests.Endpoints, $$$"""{"name":"pager","url":"https://pager.example/","auth":{"kind":"bearer","token":{{{value}}}}}""")
            .IsFault(HttpStatusCode.BadRequest, expected, "auth.token");
        if (value[0] == '{')
        {
            await _service.Post(ServiceRequests.Endpoints, $$$"""{"name":"pager","url":"https://pager.example/","headers":{"X-Key":{{{value}}}}}""")
                .IsFault(HttpStatusCode.BadRequest, $"X-Key: {expected}", "headers");
        }
    }

    private string Path(string name) => $"file:{System.IO.Path.Combine(_folder.Path, name)}";
}
