using System.Text;

namespace Tests.Middleware;

/// <summary>Those who post events and those who run the middleware, over HTTP.</summary>
internal sealed class MiddlewareClient(HttpClient http) : IDisposable
{
    private const string Events = "/integrations/events";
    private const string Endpoints = "/api/v1/endpoints";

    /// <summary>With an API key where one is asked for.</summary>
    public MiddlewareClient(Uri address, string? key = null)
        : this(new HttpClient { BaseAddress = address, DefaultRequestHeaders = { Authorization = key is null ? null : new("Bearer", key) } })
    {
    }

    /// <summary>Posts a body, whatever it is.</summary>
    public Task<HttpResponseMessage> PostAsync(string body, params string[] headers) => http.SendJson(HttpMethod.Post, Events, body, headers);

    /// <summary>Posts an event.</summary>
    public Task<HttpResponseMessage> PostEventAsync(string severity = "low", string source = "tests") =>
        PostAsync($$"""{"source":"{{source}}","event_type":"made","severity":"{{severity}}","message":"m"}""");

    /// <summary>Sends JSON, whatever version an endpoint has.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null) =>
        http.SendJson(method, path, body, method == HttpMethod.Put || method == HttpMethod.Delete ? ["If-Match: *"] : []);

    /// <summary>Sends and reads the JSON of an answer that must have this status.</summary>
    public async Task<JsonNode> Ask(HttpMethod method, string path, HttpStatusCode expected, string? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        var read = await Read(answer);
        Assert.True(expected == answer.StatusCode, $"{method} {path}: {answer.StatusCode}: {read}");
        return read;
    }

    /// <summary>Registers an endpoint and gives what is answered: its id and, this once, its secret.</summary>
    public async Task<(string Id, string Secret)> Register(string definition)
    {
        var created = await Ask(HttpMethod.Post, Endpoints, HttpStatusCode.Created, definition);
        return ((string)created["id"]!, (string)created["secret"]!);
    }

    public Task Replace(string endpoint, string definition) => Ask(HttpMethod.Put, $"{Endpoints}/{endpoint}", HttpStatusCode.OK, definition);

    /// <summary>Changes a part of an endpoint.</summary>
    public async Task Patch(string endpoint, string patch)
    {
        using var answer = await http.Send(HttpMethod.Patch, $"{Endpoints}/{endpoint}", Encoding.UTF8.GetBytes(patch), "application/merge-patch+json", "If-Match: *");
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {await Read(answer)}");
    }

    /// <summary>Deletes an endpoint; what waits for it becomes dead letters.</summary>
    public Task Delete(string endpoint) => Ask(HttpMethod.Delete, $"{Endpoints}/{endpoint}?waiting=dead-letter", HttpStatusCode.NoContent);

    /// <summary>Does what has a route of its own, such as <c>disable</c>.</summary>
    public Task<JsonNode> Do(string endpoint, string verb) => Ask(HttpMethod.Post, $"{Endpoints}/{endpoint}/{verb}", HttpStatusCode.OK);

    /// <summary>The number of deliveries that wait for an endpoint.</summary>
    public async Task<int> WaitingFor(string endpoint) => (int)(await Ask(HttpMethod.Get, $"{Endpoints}/{endpoint}", HttpStatusCode.OK))["health"]!["waiting"]!;

    /// <summary>Posts an event and gives its id; the test fails if it is not accepted.</summary>
    public async Task<string> Accept(string severity = "low", string source = "tests")
    {
        using var answer = await PostEventAsync(severity, source);
        return await EventIdAsync(answer);
    }

    public async Task<string[]> Accept(int count, string severity = "low")
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = await Accept(severity);
        }

        return ids;
    }

    /// <summary>Posts an event and gives its id; null when the queue is full.</summary>
    public async Task<string?> TryAccept()
    {
        using var answer = await PostEventAsync();
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable ? null : await EventIdAsync(answer);
    }

    /// <summary>Posts an event and gives its answer.</summary>
    public async Task<(HttpStatusCode Status, string? Id, TimeSpan? RetryAfter)> Post(string severity = "low", string source = "tests")
    {
        using var answer = await PostEventAsync(severity, source);
        return (answer.StatusCode, (string?)(await Read(answer))["event_id"], answer.Headers.RetryAfter?.Delta);
    }

    /// <summary>Has an event delivered again and gives the replay's id.</summary>
    public async Task<string> Replay(string eventId) => (string)(await Ask(HttpMethod.Post, $"/api/v1/events/{eventId}/replay", HttpStatusCode.Accepted, "{}"))["replay_id"]!;

    /// <summary>Discards a dead letter.</summary>
    public Task Discard(string deliveryId) => http.SendJson(HttpMethod.Delete, $"/api/v1/dead-letters/{deliveryId}", null, ["X-Operator: tests"]).HasStatus(HttpStatusCode.OK);

    /// <summary>The answer of a route under <c>/api/v1</c>.</summary>
    public Task<JsonNode> Get(string path) => Ask(HttpMethod.Get, $"/api/v1/{path}", HttpStatusCode.OK);

    /// <summary>An event, its deliveries and every attempt.</summary>
    public Task<JsonNode> Look(string eventId) => Get($"events/{eventId}");

    /// <summary>An event of which nothing is owed any more.</summary>
    public Task<JsonNode> LookWhenEnded(string eventId) =>
        Waiting.SeeAsync(() => Look(eventId), static seen => (string?)seen["status"] != "pending", $"nothing is owed of {eventId}");

    /// <summary>The endpoints to which an event was delivered so far.</summary>
    public async Task<IReadOnlySet<string>> DeliveredTo(string eventId) => (await Look(eventId))["deliveries"]!.AsArray()
        .Where(static delivery => (string?)delivery!["status"] == "delivered")
        .Select(static delivery => (string)delivery!["endpoint_id"]!)
        .ToHashSet();

    public static async Task<string> EventIdAsync(HttpResponseMessage answer) => (string)(await AcceptedAsync(answer))["event_id"]!;

    /// <summary>The body of a 200; anything else fails the test.</summary>
    public static async Task<JsonNode> AcceptedAsync(HttpResponseMessage answer)
    {
        var body = await Read(answer);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {body}");
        return body;
    }

    public void Dispose() => http.Dispose();

    private static async Task<JsonNode> Read(HttpResponseMessage answer) =>
        await answer.Content.ReadAsStringAsync(Waiting.Cancellation) is { Length: > 0 } text ? JsonNode.Parse(text)! : new JsonObject();
}
