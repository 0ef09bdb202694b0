using Tests.Middleware.Callers;

namespace Tests.Middleware.Leaks;

/// <summary>Requests that are wrong in some way and hold a canary.</summary>
internal static class Faults
{
    private const string Accept = "/integrations/events";

    public static async Task MakeAsync(LeakStage stage, Exercised exercised)
    {
        await MisplaceKeysAsync(stage, exercised.KeyOf["events:read"], exercised.KeyOf["events:write"], exercised.Ids);
        await ShowTokensAsync(stage);
        await BreakBodiesAsync(stage, exercised.Payload, exercised.Ids);
        await BreakRequestsAsync(stage, exercised.KeyOf["events:read"]);
    }

    /// <summary>Keys where no key belongs, and keys that are not quite right.</summary>
    private static async Task MisplaceKeysAsync(LeakStage stage, string key, string other, IReadOnlyDictionary<string, string> ids)
    {
        string[] headers =
        [
            $"Authorization: Basic {key}", $"Authorization: {key}", $"Authorization: Bearer {key} {other}", $"Authorization: Bearer {key}x", $"Authorization: Bearer {key[..^1]}",
            $"X-Correlation-ID: {key}", $"X-Api-Key: Bearer {key}", $"X-API-Token: {key}", $"Cookie: key={key}", $"Proxy-Authorization: Bearer {key}", $"Origin: https://{key}", $"traceparent: {key}", $"Accept: {key}",
            $"tracestate: a={key}", $"baggage: key={key}", $"If-Match: {key}", $"User-Agent: {key}",
        ];
        foreach (var header in headers)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await stage.SendAsync(credential: null, HttpMethod.Get, "/api/v1/events", body: null, header)).Status);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await stage.SendAsync(credential: null, HttpMethod.Get, $"/api/v1/events?key={key}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stage.SendAsync(stage.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{key}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stage.SendAsync(stage.AdminKey, HttpMethod.Delete, $"/api/v1/dead-letters/{ids["{delivery_id}"]}", body: null, $"X-Operator: {key}")).Status);
        await stage.AskAsync(HttpMethod.Patch, $"{ServiceRequests.Endpoints}/{ids["{endpoint_id}"]}", HttpStatusCode.OK, """{"workers":7}""", $"X-Operator: by {key}");
        Assert.Equal(HttpStatusCode.BadRequest, (await stage.SendAsync(stage.AdminKey, HttpMethod.Post, Accept, ServiceRequests.Valid, $"Idempotency-Key: {key}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stage.SendAsync(key, HttpMethod.Get, $"/api/v1/events?key={other}&limit={other}&cursor={other}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await stage.SendAsync(key, HttpMethod.Post, Accept, "{}")).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await stage.SendAsync(stage.AdminKey, HttpMethod.Post, Accept, "{}", $"Content-Encoding: {key}")).Status);
    }

    /// <summary>Tokens that are valid, that have expired, that somebody else signed, and that are none.</summary>
    private static async Task ShowTokensAsync(LeakStage stage)
    {
        using var others = new MadeTokens();
        var now = TimeProvider.System.GetUtcNow();
        (string Token, HttpStatusCode Expected)[] tokens =
        [
            (stage.Tokens.Make(now, "scope", "events:read"), HttpStatusCode.OK), (stage.Tokens.Make(now.AddDays(-1), "scope", "events:read"), HttpStatusCode.Unauthorized),
            (others.Make(now, "scope", "events:read"), HttpStatusCode.Unauthorized), (stage.Tokens.Make(now, "scope", "events:read", audience: "other"), HttpStatusCode.Unauthorized),
            ($"{stage.Canaries.Add("token", "eyJhbGciOiJub25l")}.e30.", HttpStatusCode.Unauthorized),
        ];
        foreach (var (token, expected) in tokens)
        {
            stage.Canaries.Add("token", token.Split('.') is [.., { Length: > 0 } signature] ? signature : token);
            Assert.Equal(expected, (await stage.SendAsync(token, HttpMethod.Get, "/api/v1/events")).Status);
        }
    }

    private static async Task BreakBodiesAsync(LeakStage stage, string payload, IReadOnlyDictionary<string, string> ids)
    {
        var text = JsonValue.Create(payload).ToJsonString();
        string[] bodies =
        [
            payload, text, $$"""{"message":{{text}}""", $$"""{{{text}}:{{text}}}""", $$"""{"source":{"a":{{text}}},"message":[{{text}}],"metadata":{{text}},"url":{{text}},"name":["a"],"filter":{{text}}}""",
            $$$"""{"source":"s","event_type":"t","severity":"low","message":{{{text}}},"metadata":{{{{text}}}:1,{{{text}}}:2}}""", $"[{text},{{]",
        ];
        var endpoint = $"{ServiceRequests.Endpoints}/{ids["{endpoint_id}"]}";
        (HttpMethod Method, string Path)[] routes =
        [
            (HttpMethod.Post, Accept), (HttpMethod.Post, Accept + "/batch"), (HttpMethod.Post, ServiceRequests.Endpoints), (HttpMethod.Put, endpoint), (HttpMethod.Patch, endpoint),
            (HttpMethod.Post, KeyedService.Keys), (HttpMethod.Post, "/api/v1/replays"), (HttpMethod.Post, "/api/v1/erasures"), (HttpMethod.Post, "/api/v1/filters/test"),
        ];
        foreach (var (method, path) in routes)
        {
            foreach (var body in bodies)
            {
                var (status, answer) = await stage.SendAsync(stage.AdminKey, method, path, body);
                Assert.True(status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound || (path.EndsWith("batch", StringComparison.Ordinal) && status == HttpStatusCode.OK), $"{method} {path} {body}: {answer}");
            }
        }

        await BreakSecretsAsync(stage, stage.Canaries.Add("faulty secret"));
    }

    /// <summary>Secrets that are refused: no answer repeats them.</summary>
    private static async Task BreakSecretsAsync(LeakStage stage, string secret)
    {
        string[] more =
        [
            $$"""
            "url":"https://me:{{secret}}@example.com/"
            """,
            $$"""
            "url":"https://example.com/#{{secret}}"
            """,
            $$"""
            "url":"http://10.0.0.1/?sig={{secret}}"
            """,
            $$"""
            "headers":{"X-Key":"{{secret}}\n"}
            """,
            $$"""
            "headers":{"X Key":"{{secret}}"}
            """,
            $$"""
            "headers":["{{secret}}"]
            """,
            $$$"""
            "headers":{"X-Key":{"secret_ref":"{{{secret}}}"}}
            """,
            $$"""
            "headers":{"Authorization":"{{secret}}"},"auth":{"kind":"bearer","token":"{{secret}}"}
            """,
            $$"""
            "auth":{"kind":"bearer","token":"{{secret}} "}
            """,
            $$"""
            "auth":{"kind":"basic","username":"a:b","password":"{{secret}}\u0001"}
            """,
            $$"""
            "auth":{"kind":"oauth2","token_url":"ftp://a/?{{secret}}","client_id":"a","client_secret":["{{secret}}"]}
            """,
            $$"""
            "auth":{"kind":"mtls","certificate":"{{secret}}","key":"{{secret}}"}
            """,
            $$"""
            "auth":"{{secret}}"
            """,
            $$"""
            "proxy":"http://me:{{secret}}@proxy.example:3128"
            """,
        ];
        foreach (var members in more)
        {
            var url = members.TrimStart().StartsWith("\"url\"", StringComparison.Ordinal) ? "" : "\"url\":\"https://example.com/\",";
            var (status, answer) = await stage.SendAsync(stage.AdminKey, HttpMethod.Post, ServiceRequests.Endpoints, $$"""{"name":"faulty",{{url}}{{members}}}""");
            Assert.True(status == HttpStatusCode.BadRequest, $"{members}: {answer}");
            Assert.True(stage.Canaries.In(answer) is [], $"{members}: {answer}");
        }
    }

    /// <summary>Heads that are no HTTP, or too much of it.</summary>
    private static async Task BreakRequestsAsync(LeakStage stage, string key)
    {
        string[] heads =
        [
            $"GET /alive HTTP/1.1\r\nHost: x\r\nX-Api-Key {key}\r\n\r\n", $"GET /alive HTTP/1.1\r\nHost: x\r\nX-Api-Key\t: {key}\r\n\r\n", $"{key} /alive HTTP/1.1\r\nHost: x\r\n\r\n",
            $"GET /{key} HTTP/{key}\r\n\r\n", $"GET /alive?{key} HTTP/1.1\r\nHost: {key}/\r\n\r\n", $"GET /alive HTTP/1.1\r\nHost: x\r\nContent-Length: {key}\r\n\r\n",
            $"POST {Accept} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {key}\r\n\r\n", $"GET /alive HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\0\r\n\r\n",
            $"GET /alive HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}{new string('k', 40_000)}\r\n\r\n",
        ];
        foreach (var head in heads)
        {
            using var connection = await RawConnection.OpenAsync(stage.Address);
            await connection.SendAsync(head);
            Assert.InRange((await connection.ReadAsync())!.Status, 400, 499);
        }
    }
}
