using Microsoft.AspNetCore.Http;
using Middleware.Callers;
using Middleware.Http;
using Tests.Logging;
using Tests.Middleware.Http.Contract;

namespace Tests.Middleware.Callers.Mutated;

/// <summary>The middleware as a process that asks for API keys, with a caller of each kind, and canaries in all that not everybody may see.</summary>
internal sealed class MutationStage : IAsyncDisposable
{
    /// <summary>Begins every canary, and must be in no line of the log.</summary>
    public const string AnyCanary = "canary";

    /// <summary>Stands in payloads and in the answers of receivers.</summary>
    public const string PayloadCanary = AnyCanary + "-of-payloads";

    /// <summary>Stands in the queries of endpoints.</summary>
    public const string QueryCanary = AnyCanary + "-of-queries";

    /// <summary>Stands in the credentials of endpoints, which nobody sees.</summary>
    public const string SecretCanary = AnyCanary + "-of-secrets";

    private const string Endpoints = ServiceRequests.Endpoints;

    private const string RefusedByTheReceiver = "failed to send event";

    private static readonly string AdminKey = KeyText.Generate();

    private readonly WebReceiver _receiver;
    private readonly RunningMiddleware _middleware;
    private readonly MiddlewareClient _admin;

    private MutationStage(WebReceiver receiver, RunningMiddleware middleware) =>
        (_receiver, _middleware, _admin) = (receiver, middleware, new MiddlewareClient(middleware.Process.Address, AdminKey));

    public ServiceProcess Process => _middleware.Process;

    public Uri Address => Process.Address;

    public string ReceiverUrl => _receiver.Url.ToString().TrimEnd('/');

    public IReadOnlyList<MutatedCaller> Callers { get; private set; } = [];

    /// <summary>The ids of the callers' keys, which no request may revoke.</summary>
    public HashSet<string> KeyIds { get; } = [];

    /// <summary>The texts of keys that are good, which no answer may have.</summary>
    public List<string> KeyTexts { get; } = [AdminKey];

    /// <summary>The open connections to the service; none where the operating system does not show them.</summary>
    public int Connections => OperatingSystem.IsLinux() ? Sending.DeadAddress.SocketsOpen(Address.Port) : 0;

    public static async Task<MutationStage> StartAsync()
    {
        // Nothing is refused for want of room: each 503 is a fault. The heap is less than the process would take without bounds on what requests may hold.
        var middleware = await RunningMiddleware.StartAsync($"ADMIN_KEY={AdminKey}", "MAX_RETRIES=0", "REDELIVERY_SCHEDULE=", "QUEUE_SIZE=100000", "MAX_ENDPOINTS=40", RunningMiddleware.SmallHeap);
        var stage = new MutationStage(await WebReceiver.StartAsync(AnswerAsync), middleware);
        try
        {
            await stage.MakeCallersAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async Task<ServedDocument> DocumentAsync() => new(await _admin.Ask(HttpMethod.Get, "/openapi/v1.json", HttpStatusCode.OK));

    /// <summary>
    /// Makes what mutated requests ask for, and may have removed: endpoints, a delivered event, a dead letter, a key. Gives the paths of what has canaries, by
    /// their routes.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> SeedAsync()
    {
        await DeleteEndpointsAsync();
        var endpoint = await EndpointAsync("refused", "/status/400");
        await EndpointAsync("made", "/");
        await EventAsync("refused");
        var id = await EventAsync("made");
        await _admin.Ask(HttpMethod.Post, KeyedService.Keys, HttpStatusCode.Created, """{"name":"other","scopes":["metrics"]}""");
        return new Dictionary<string, string>
        {
            ["GET /api/v1/events/{event_id}"] = $"/api/v1/events/{id}",
            ["GET /api/v1/endpoints/{endpoint_id}"] = $"{Endpoints}/{endpoint}",
        };
    }

    /// <summary>Shows that each caller is answered as at the start.</summary>
    public async Task IsAliveAsync()
    {
        foreach (var caller in Callers)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(caller, "/alive"));
            var expected = !caller.IsKnown ? HttpStatusCode.Unauthorized
                : RouteScopes.Permits("GET /api/v1/events", caller.Scopes) ? HttpStatusCode.OK
                : HttpStatusCode.Forbidden;
            Assert.Equal(expected, await StatusAsync(caller, "/api/v1/events"));
        }
    }

    /// <summary>Ends the service, which must not have failed at any request.</summary>
    public async Task StopAsync()
    {
        Assert.Equal(0, await _middleware.StopAsync());
        var failed =
            from line in LogLine.ReadAll(Process, AnyCanary)
            where (string?)line["level"] is "error" or "critical" && (string?)line["msg"] != RefusedByTheReceiver
            select line.ToJsonString();
        Assert.True(!failed.Any(), string.Join('\n', failed.Take(10)));
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        _middleware.Dispose();
        await _receiver.DisposeAsync();
    }

    /// <summary>Answers with the canary: <c>/status/400</c> with that status, anything else with 200.</summary>
    private static async Task AnswerAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = context.Request.Path == "/status/400" ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK;
        await context.Response.WriteAsync($$"""{"seen":"{{PayloadCanary}}"}""", context.RequestAborted);
    }

    private async Task MakeCallersAsync()
    {
        string[] all = [.. ScopeNames.Of(Scopes.All)];
        var (revokedId, revoked) = await KeyAsync(all);
        await _admin.Ask(HttpMethod.Delete, $"{KeyedService.Keys}/{revokedId}", HttpStatusCode.NoContent);
        var (_, elsewhere) = await KeyAsync(all, ",\"networks\":[\"192.0.2.0/24\"]");
        List<MutatedCaller> callers =
        [
            new("none", null), new("revoked", revoked) { HasOwnHeader = true }, new("elsewhere", elsewhere), new("unknown", KeyText.Generate()),
            new("all", (await KeyAsync(all)).Text, all) { HasOwnHeader = true },
        ];
        foreach (var scope in all)
        {
            callers.Add(new(scope, (await KeyAsync([scope])).Text, scope));
        }

        // Last, so that it is made before it expires on a slow machine too.
        var (_, expired) = await KeyAsync(["payloads:read", "admin"], $",\"expires_at\":\"{TimeProvider.System.GetUtcNow().AddSeconds(2):O}\"");
        callers.Add(new("expired", expired));
        await Waiting.Until(async () => await StatusAsync(callers[^1], "/api/v1/keys") == HttpStatusCode.Unauthorized);
        Callers = callers;
    }

    private async Task<HttpStatusCode> StatusAsync(MutatedCaller caller, string path)
    {
        using var client = new MiddlewareClient(Address, caller.Key);
        return await client.SendAsync(HttpMethod.Get, path).StatusCode();
    }

    private async Task<(string Id, string Text)> KeyAsync(string[] scopes, string more = "")
    {
        var made = await _admin.Ask(
            HttpMethod.Post, KeyedService.Keys, HttpStatusCode.Created, $$"""{"name":"caller","scopes":[{{string.Join(',', scopes.Select(static scope => $"\"{scope}\""))}}]{{more}}}""");
        var (id, text) = ((string)made["id"]!, (string)made["key"]!);
        KeyIds.Add(id);
        KeyTexts.Add(text);
        return (id, text);
    }

    private async Task<string> EventAsync(string type) => (string)(await _admin.Ask(
        HttpMethod.Post, "/integrations/events", HttpStatusCode.OK,
        $$$"""{"source":"tests","event_type":"{{{type}}}","severity":"high","message":"{{{PayloadCanary}}}","metadata":{"{{{PayloadCanary}}}":"{{{PayloadCanary}}}"}}"""))["event_id"]!;

    private async Task<string> EndpointAsync(string type, string path) => (string)(await _admin.Ask(
        HttpMethod.Post, Endpoints, HttpStatusCode.Created,
        $$$"""
        {"name":"{{{type}}}","url":"{{{_receiver.At(path)}}}?token={{{QueryCanary}}}","headers":{"X-Token":"{{{SecretCanary}}}"},
         "auth":{"kind":"basic","username":"tests","password":"{{{SecretCanary}}}"},"filter":{"event_types":["{{{type}}}"]}}
        """))["id"]!;

    /// <summary>Deletes what can be deleted; the fallback of another endpoint goes next time.</summary>
    private async Task DeleteEndpointsAsync()
    {
        foreach (var endpoint in (await _admin.Ask(HttpMethod.Get, Endpoints, HttpStatusCode.OK))["items"]!.AsArray())
        {
            using var answer = await _admin.SendAsync(HttpMethod.Delete, $"{Endpoints}/{endpoint!["id"]}?waiting=dead-letter");
            Assert.True(answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.Conflict, $"{answer.StatusCode}");
        }
    }
}
