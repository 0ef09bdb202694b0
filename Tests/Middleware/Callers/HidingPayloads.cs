namespace Tests.Middleware.Callers;

/// <summary>The parts of answers that depend on the scopes of the caller.</summary>
public sealed class HidingPayloads : IAsyncDisposable
{
    private const string Events = "/api/v1/events";
    private const string DeadLetters = "/api/v1/dead-letters";
    private const string Endpoints = ServiceRequests.Endpoints;

    private readonly KeyedService _keyed = new();

    public ValueTask DisposeAsync() => _keyed.DisposeAsync();

    [Theory]
    [InlineData("events:read", false)]
    [InlineData("payloads:read", true)]
    [InlineData("events:read payloads:read", true)]
    [InlineData("admin events:read", false)]
    public async Task Payloads_and_the_answers_of_receivers_are_shown_to_the_scope_of_payloads_alone(string scopes, bool areShown)
    {
        var (_, key) = await _keyed.Make(scopes);
        _keyed.Service.Receiver.Status = 400;
        await _keyed.PostEvent(KeyedService.AdminKey).HasStatus(HttpStatusCode.OK);
        await _keyed.Service.Recorded();
        var id = (string)(await _keyed.Read(KeyedService.AdminKey, DeadLetters))["items"]![0]!["delivery_id"]!;
        var found = await _keyed.Read(key, $"{Events}/{id.Split('.')[0]}");
        var deadLetter = await _keyed.Read(key, $"{DeadLetters}/{id}");

        Assert.Equal(areShown, found["payload"] is not null);
        foreach (var attempt in (JsonNode[])[found["attempts"]!.AsArray().Single()!, deadLetter["attempts"]!.AsArray().Single()!])
        {
            Assert.Equal(areShown ? """{"seen":true}""" : null, (string?)attempt["response"]);
            Assert.Equal("http_400", (string?)attempt["reason"]);
        }

        Assert.Single((await _keyed.Read(key, Events))["items"]!.AsArray());
        Assert.Equal(areShown ? HttpStatusCode.OK : HttpStatusCode.Forbidden, await _keyed.Status(key, HttpMethod.Get, $"{Events}?q=m"));
    }

    [Theory]
    [InlineData("endpoints:write", null)]
    [InlineData("endpoints:write payloads:read", """{"seen":true}""")]
    public async Task The_answer_to_a_test_of_an_endpoint_is_shown_to_the_scope_of_payloads_alone(string scopes, string? response)
    {
        var (_, key) = await _keyed.Make(scopes);

        var attempt = await _keyed.Ask(key, HttpMethod.Post, $"{Endpoints}/default/test", HttpStatusCode.OK);

        Assert.Equal((200, response), ((int)attempt["status_code"]!, (string?)attempt["response"]));
    }

    [Theory]
    [InlineData("events:read", "***", "***")]
    [InlineData("payloads:read", "***", "***")]
    [InlineData("operate", "***", "***")]
    [InlineData("endpoints:write", "sig=canary-1", "code=canary-2?a")]
    public async Task Queries_of_URLs_are_shown_to_who_may_change_them_and_secrets_to_nobody(string scopes, string query, string tokenQuery)
    {
        const string Definition = """
            {
              "name": "signed", "url": "https://example.com:8443/hook?sig=canary-1", "headers": { "X-Key": "canary-3" },
              "auth": { "kind": "oauth2", "token_url": "https://login.example/token?code=canary-2?a", "client_id": "me", "client_secret": "canary-4" }
            }
            """;
        using var created = await _keyed.Send(KeyedService.AdminKey, HttpMethod.Post, Endpoints, Definition).WithStatus(HttpStatusCode.Created);
        var (_, key) = await _keyed.Make(scopes);

        var one = await _keyed.Read(key, created.Headers.Location!.ToString());
        var listed = (await _keyed.Read(key, Endpoints))["items"]!.AsArray().Single(static item => (string?)item!["name"] == "signed")!;

        foreach (var shown in (JsonNode[])[one, listed])
        {
            Assert.Equal($"https://example.com:8443/hook?{query}", (string?)shown["url"]);
            Assert.Equal($"https://login.example/token?{tokenQuery}", (string?)shown["auth"]!["token_url"]);
            Assert.Equal("""["X-Key"]""", shown["header_names"]!.ToJsonString());
            Assert.Null(shown["secret"]);
            Assert.DoesNotContain("canary-3", shown.ToJsonString(), StringComparison.Ordinal);
            Assert.DoesNotContain("canary-4", shown.ToJsonString(), StringComparison.Ordinal);
        }
    }
}
