using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Tests.Middleware;

/// <summary>Who registers endpoints, posts events and looks what became of them, over HTTP. The test's own time limit ends its waits.</summary>
internal sealed class MiddlewareClient(HttpClient http) : IDisposable
{
    private const string Endpoints = "/api/v1/endpoints";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Registers an endpoint and gives what is answered: its id and, this once, its secret.</summary>
    public async Task<(string Id, string Secret)> Register(string definition)
    {
        var created = await Ask(HttpMethod.Post, Endpoints, HttpStatusCode.Created, definition);
        return ((string)created["id"]!, (string)created["secret"]!);
    }

    public Task Replace(string endpoint, string definition) => Ask(HttpMethod.Put, $"{Endpoints}/{endpoint}", HttpStatusCode.OK, definition);

    /// <summary>Deletes an endpoint; what waits for it becomes dead letters.</summary>
    public Task Delete(string endpoint) => Ask(HttpMethod.Delete, $"{Endpoints}/{endpoint}?waiting=dead-letter", HttpStatusCode.NoContent);

    /// <summary>Does what has a route of its own, such as <c>disable</c>.</summary>
    public Task<JsonNode> Do(string endpoint, string verb) => Ask(HttpMethod.Post, $"{Endpoints}/{endpoint}/{verb}", HttpStatusCode.OK);

    /// <summary>How many deliveries wait for an endpoint.</summary>
    public async Task<int> WaitingFor(string endpoint) => (int)(await Ask(HttpMethod.Get, $"{Endpoints}/{endpoint}", HttpStatusCode.OK))["health"]!["waiting"]!;

    /// <summary>Posts an event and gives its id; the test fails if it is not accepted.</summary>
    public async Task<string> Accept(string severity = "low", string source = "tests")
    {
        var (status, id, _) = await Post(severity, source);
        Assert.Equal(HttpStatusCode.OK, status);
        return id!;
    }

    /// <summary>Posts an event.</summary>
    public async Task<(HttpStatusCode Status, string? Id, TimeSpan? RetryAfter)> Post(string severity = "low", string source = "tests")
    {
        using var answer = await Send(
            HttpMethod.Post, "/integrations/events", $$"""{"source":"{{source}}","event_type":"made","severity":"{{severity}}","message":"m"}""");
        return (answer.StatusCode, (string?)(await Read(answer))["event_id"], answer.Headers.RetryAfter?.Delta);
    }

    /// <summary>An event, its deliveries and every attempt.</summary>
    public Task<JsonNode> Look(string eventId) => Ask(HttpMethod.Get, $"/api/v1/events/{eventId}", HttpStatusCode.OK);

    /// <summary>An event of which nothing is owed any more.</summary>
    public async Task<JsonNode> LookWhenEnded(string eventId)
    {
        JsonNode seen = null!;
        await Until(async () => (string?)(seen = await Look(eventId))["status"] != "pending");
        return seen;
    }

    /// <summary>The endpoints to which an event was delivered so far.</summary>
    public async Task<IReadOnlySet<string>> DeliveredTo(string eventId) => (await Look(eventId))["deliveries"]!.AsArray()
        .Where(static delivery => (string?)delivery!["status"] == "delivered")
        .Select(static delivery => (string)delivery!["endpoint_id"]!)
        .ToHashSet();

    public static async Task Until(Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (!await isSo())
        {
            await timer.WaitForNextTickAsync(Waiting.Cancellation);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonNode> Ask(HttpMethod method, string path, HttpStatusCode expected, string? body = null)
    {
        using var answer = await Send(method, path, body);
        var read = await Read(answer);
        Assert.True(expected == answer.StatusCode, $"{method} {path}: {answer.StatusCode}: {read}");
        return read;
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, null, "application/json");
        if (method == HttpMethod.Put || method == HttpMethod.Delete)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        }

        return await http.SendAsync(request, Waiting.Cancellation);
    }

    private static async Task<JsonNode> Read(HttpResponseMessage answer) =>
        await answer.Content.ReadAsStringAsync(Waiting.Cancellation) is { Length: > 0 } text ? JsonNode.Parse(text)! : new JsonObject();
}
