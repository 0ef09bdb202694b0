using Tests.Middleware.Callers;
using Tests.Middleware.Sending;

namespace Tests.Middleware.Leaks;

/// <summary>A service that was asked for everything that it can do, rightly and wrongly, with a canary wherever a secret may stand.</summary>
internal sealed class Exercised(LeakStage stage)
{
    private const string Keys = KeyedService.Keys;
    private const string Endpoints = ServiceRequests.Endpoints;
    private const string Accept = "/integrations/events";

    /// <summary>The type of the event that is accepted last.</summary>
    public const string LastType = "nobody";

    private static readonly string[] Scopes = ["events:write", "events:read", "payloads:read", "endpoints:write", "operate", "admin", "metrics"];

    private readonly Dictionary<string, string> _endpoints = [];
    private readonly Dictionary<string, string> _ids = [];
    private string _payload = "";

    /// <summary>A key for each scope, by its name.</summary>
    public Dictionary<string, string> KeyOf { get; } = [];

    public string Payload => _payload;

    /// <summary>Something that is there in the place of each id in a path of the contract.</summary>
    public IReadOnlyDictionary<string, string> Ids => _ids;

    public static async Task<Exercised> RunAsync(LeakStage stage)
    {
        var exercised = new Exercised(stage);
        await exercised.MakeKeysAsync();
        await exercised.RegisterAsync();
        await exercised.DeliverAsync();
        await exercised.OperateAsync();
        await exercised.LookAsync();
        return exercised;
    }

    /// <summary>Erases what was accepted, one event alone and the rest by a filter.</summary>
    public async Task EraseAsync()
    {
        await stage.AskAsync(HttpMethod.Delete, $"/api/v1/events/{_ids["{event_id}"]}", HttpStatusCode.NoContent);
        var bulk = await stage.AskAsync(HttpMethod.Post, "/api/v1/erasures", HttpStatusCode.Accepted, """{"filter":{}}""");
        await Waiting.Until(async () => (string?)(await stage.GetAsync($"/api/v1/erasures/{bulk["id"]}"))["state"] == "completed");
    }

    private async Task MakeKeysAsync()
    {
        foreach (var scope in Scopes)
        {
            KeyOf[scope] = await KeyAsync(Keys, HttpStatusCode.Created, $$"""{"name":"{{scope}}","scopes":["{{scope}}"]}""");
        }

        await KeyAsync($"{Keys}/{_ids["{key_id}"]}/rotate", HttpStatusCode.OK, """{"overlap":"1h"}""");
        await KeyAsync(Keys, HttpStatusCode.Created, """{"name":"revoked","scopes":["admin"]}""");
        await stage.AskAsync(HttpMethod.Delete, $"{Keys}/{_ids["{key_id}"]}", HttpStatusCode.NoContent);
        await KeyAsync(Keys, HttpStatusCode.Created, """{"name":"narrow","scopes":["events:write"],"sources":["a"],"networks":["10.0.0.0/8"]}""");
    }

    private async Task<string> KeyAsync(string path, HttpStatusCode expected, string body)
    {
        var made = await stage.AskAsync(HttpMethod.Post, path, expected, body);
        _ids["{key_id}"] = (string)made["id"]!;
        var text = (string)made["key"]!;
        stage.Canaries.Add("API key", text.Split('_')[2]);
        return text;
    }

    private async Task RegisterAsync()
    {
        var canaries = stage.Canaries;
        var query = $"?sig={Uri.EscapeDataString(canaries.Add("query of a URL"))}";
        var token = $"{Uri.EscapeDataString(canaries.Add("query of a token URL"))}";
        var secret = canaries.Add("client secret");
        using var certificate = MadeCertificate.Client(issuer: null);
        var pem = certificate.KeyPem();
        canaries.Add("private key", pem.Split('\n')[2]);

        await RegisterAsync("plain", stage.Url("ok") + query, new JsonObject { ["headers"] = new JsonObject { ["X-Key"] = canaries.Add("header value") } });
        await RegisterAsync("bearer", stage.Url("ok"), Auth("bearer", ("token", canaries.Add("bearer token"))));
        await RegisterAsync("basic", stage.Url("status/400") + query, Auth("basic", ("username", "tests"), ("password", canaries.Add("password"))));
        await RegisterAsync("oauth2", stage.Url("ok"), Auth("oauth2", ("token_url", $"{stage.Url("token")}?code={token}"), ("client_id", "me"), ("client_secret", secret)));
        await RegisterAsync("refused-client", stage.Url("ok"), Auth("oauth2", ("token_url", $"{stage.Url("no-token")}?code={token}"), ("client_id", "me"), ("client_secret", secret)));
        await RegisterAsync(
            "mtls", stage.Url("ok").Replace("http:", "https:", StringComparison.Ordinal) + query, Auth("mtls", ("certificate", certificate.ExportCertificatePem()), ("key", pem)));
        await RegisterAsync("referring", stage.Url("status/503") + query, new JsonObject { ["headers"] = new JsonObject { ["X-Key"] = JsonNode.Parse(stage.Reference) } });
        await RegisterAsync("batched", stage.Url("status/400") + query, new JsonObject { ["batch"] = new JsonObject { ["max_size"] = 3, ["max_wait"] = "50ms" } });
        await RegisterAsync("moved", stage.Url("status/302") + query, new JsonObject { ["format"] = "cloudevents" });
        await RegisterAsync("closed", $"http://127.0.0.1:2/{query}", []);
        await RegisterAsync("held", stage.Url("ok"), new JsonObject { ["enabled"] = false });

        var plain = $"{Endpoints}/{_endpoints["plain"]}";
        await stage.AskAsync(HttpMethod.Patch, plain, HttpStatusCode.OK, new JsonObject { ["headers"] = new JsonObject { ["X-Other"] = canaries.Add("header value") } }.ToJsonString());
        await stage.AskAsync(HttpMethod.Put, plain, HttpStatusCode.OK, Definition("plain", stage.Url("ok") + query, []).ToJsonString());
        await stage.AskAsync(
            HttpMethod.Patch, $"{Endpoints}/{_endpoints["oauth2"]}", HttpStatusCode.OK, $$$"""{"auth":{"kind":"oauth2","client_secret":"{{{canaries.Add("client secret")}}}"}}""");
        AddSecret(await stage.AskAsync(HttpMethod.Post, $"{plain}/rotate-secret", HttpStatusCode.OK));
        await stage.AskAsync(HttpMethod.Post, $"{plain}/disable", HttpStatusCode.OK);
        await stage.AskAsync(HttpMethod.Post, $"{plain}/enable", HttpStatusCode.OK);
        foreach (var id in _endpoints.Values)
        {
            await stage.AskAsync(HttpMethod.Post, $"{Endpoints}/{id}/test", HttpStatusCode.OK);
        }
    }

    private async Task RegisterAsync(string name, string url, JsonObject more)
    {
        var created = await stage.AskAsync(HttpMethod.Post, Endpoints, HttpStatusCode.Created, Definition(name, url, more).ToJsonString());
        _ids["{endpoint_id}"] = _endpoints[name] = (string)created["id"]!;
        AddSecret(created);
    }

    private static JsonObject Definition(string name, string url, JsonObject more)
    {
        more["name"] = name;
        more["url"] = url;
        more["filter"] = new JsonObject { ["event_types"] = new JsonArray(name) };
        return more;
    }

    private static JsonObject Auth(string kind, params (string Name, string Value)[] members)
    {
        var auth = new JsonObject { ["kind"] = kind };
        foreach (var (name, value) in members)
        {
            auth[name] = value;
        }

        return new JsonObject { ["auth"] = auth };
    }

    private void AddSecret(JsonNode answer) => stage.Canaries.AddKey("signing secret", ((string)answer["secret"]!)["whsec_".Length..]);

    private async Task DeliverAsync()
    {
        _payload = stage.Canaries.Add("payload");
        foreach (var name in _endpoints.Keys)
        {
            var accepted = await stage.AskAsync(HttpMethod.Post, Accept, HttpStatusCode.OK, Event(name), $"Idempotency-Key: once-{name}");
            await stage.AskAsync(HttpMethod.Post, Accept, HttpStatusCode.OK, Event(name), $"Idempotency-Key: once-{name}");
            _ids["{event_id}"] = (string)accepted["event_id"]!;
        }

        await stage.AskAsync(HttpMethod.Post, "/v2" + Accept, HttpStatusCode.Accepted, Event("plain"));
        await stage.AskAsync(HttpMethod.Post, Accept + "/batch", HttpStatusCode.OK, $"[{string.Join(',', Enumerable.Repeat(Event("batched"), 7))},{{\"source\":\"{_payload}\"}}]");
        await stage.AskAsync(HttpMethod.Post, Accept, HttpStatusCode.OK, Event(LastType));
        await SettleAsync();
    }

    /// <summary>A source, a type and a severity are no secrets: everything else of the event has the canary, and more than a page of the store.</summary>
    private string Event(string type) => new JsonObject
    {
        ["source"] = "leaks",
        ["event_type"] = type,
        ["severity"] = "high",
        ["message"] = _payload,
        ["metadata"] = new JsonObject { [_payload] = _payload, ["fill"] = string.Concat(Enumerable.Repeat(_payload, 200)) },
    }.ToJsonString();

    /// <summary>Waits until only the disabled endpoint is owed something.</summary>
    private Task SettleAsync() => Waiting.Until(async () =>
        (await stage.GetAsync("/api/v1/events?status=pending"))["items"]!.AsArray().All(static item => (string?)item!["event_type"] == "held"));

    private async Task OperateAsync()
    {
        var letters = (await stage.GetAsync("/api/v1/dead-letters?limit=100"))["items"]!.AsArray();
        Assert.InRange(letters.Count, 5, 100);
        var (one, other) = ((string)letters[0]!["delivery_id"]!, (string)letters[1]!["delivery_id"]!);
        await stage.AskAsync(HttpMethod.Post, $"/api/v1/dead-letters/{one}/replay", HttpStatusCode.Accepted);
        await stage.AskAsync(HttpMethod.Delete, $"/api/v1/dead-letters/{other}", HttpStatusCode.OK, body: null, "X-Operator: somebody");
        await SettleAsync();
        (_ids["{delivery_id}"], _ids["{event_id}"]) = (one, one.Split('.')[0]);
        await stage.AskAsync(HttpMethod.Post, $"/api/v1/events/{_ids["{event_id}"]}/replay", HttpStatusCode.Accepted, "{}");
        foreach (var of in (string[])["dead_letters", "events"])
        {
            var replay = await stage.AskAsync(HttpMethod.Post, "/api/v1/replays", HttpStatusCode.Accepted, $$$"""{"of":"{{{of}}}","filter":{"source":"leaks"}}""");
            _ids["{replay_id}"] = (string)replay["id"]!;
            await Waiting.Until(async () => (string?)(await stage.GetAsync($"/api/v1/replays/{replay["id"]}"))["state"] == "completed");
        }

        await SettleAsync();
        var none = await stage.AskAsync(HttpMethod.Post, "/api/v1/erasures", HttpStatusCode.Accepted, """{"filter":{"source":"nobody"}}""");
        _ids["{erasure_id}"] = (string)none["id"]!;
        await stage.AskAsync(HttpMethod.Delete, $"{Endpoints}/{_endpoints["moved"]}?waiting=dead-letter", HttpStatusCode.NoContent);
    }

    private async Task LookAsync()
    {
        var found = await stage.GetAsync($"/api/v1/events?q={Uri.EscapeDataString(_payload)}&limit=1");
        Assert.Single(found["items"]!.AsArray());
        Assert.NotNull(found["next_cursor"]);
        await stage.AskAsync(HttpMethod.Post, "/api/v1/filters/test", HttpStatusCode.OK, $$$"""{"filter":{"expression":"message LIKE '%a%'"},"event":{{{Event("plain")}}}}""");
        Assert.NotEmpty((await stage.GetAsync("/api/v1/audit?limit=100"))["items"]!.AsArray());
        Assert.NotEmpty((await stage.GetAsync(Keys))["items"]!.AsArray());
        await stage.GetAsync("/health");
    }
}
