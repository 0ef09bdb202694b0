using System.Net.Http.Headers;
using System.Text;

namespace Tests.Middleware;

/// <summary>The requests of those who post events and of those who run the service.</summary>
internal static class ServiceRequests
{
    public const string Endpoints = "/api/v1/endpoints";

    public const string Valid =
        """{"source":"tests","event_type":"made","severity":"critical","message":"a message","metadata":{"a":1}}""";

    public static string Event(string source, string eventType = "made") => $$"""{"source":"{{source}}","event_type":"{{eventType}}","severity":"low","message":"m"}""";

    public static Task<HttpResponseMessage> Send(
        this MiddlewareService service, HttpMethod method, string path, byte[] body, string? contentType, params string[] headers) =>
        service.Http.Send(method, path, body, contentType, headers);

    public static Task<HttpResponseMessage> Post(this MiddlewareService service, string path, string body, params string[] headers) =>
        service.Http.SendJson(HttpMethod.Post, path, body, headers);

    public static Task<HttpResponseMessage> PostEvent(this MiddlewareService service, string body, params string[] headers) =>
        service.Post("/integrations/events", body, headers);

    public static Task<HttpResponseMessage> PostEvent(this MiddlewareService service, byte[] body, string? contentType = "application/json", params string[] headers) =>
        service.Send(HttpMethod.Post, "/integrations/events", body, contentType, headers);

    /// <summary>Posts a body whose length is not declared.</summary>
    public static Task<HttpResponseMessage> PostChunked(this MiddlewareService service, byte[] body, string path = "/integrations/events")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentLength = null;
        request.Headers.TransferEncodingChunked = true;
        return service.Http.SendAsync(request, Waiting.Cancellation).InTime();
    }

    /// <summary>Sends and reads the JSON of an answer that must have this status.</summary>
    public static async Task<JsonNode> Ask(
        this MiddlewareService service, HttpMethod method, string path, HttpStatusCode expected, string? body = null, params string[] headers)
    {
        using var answer = await service.Http.SendJson(method, path, body, headers);
        return await Read(answer, expected);
    }

    public static Task<JsonNode> Get(this MiddlewareService service, string path) => service.Ask(HttpMethod.Get, path, HttpStatusCode.OK);

    /// <summary>The items of a list, page by page. Its address has a query.</summary>
    public static async IAsyncEnumerable<JsonArray> Pages(this MiddlewareService service, string path)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await service.Get(path + cursor);
            cursor = (string?)page["next_cursor"] is { } next ? $"&cursor={next}" : null;
            yield return page["items"]!.AsArray();
        }
    }

    public static Task<JsonNode> Post(this MiddlewareService service, string path, HttpStatusCode expected, string? body = null) =>
        service.Ask(HttpMethod.Post, path, expected, body);

    /// <summary>Patches an endpoint, whatever version it has unless a header names one, and reads the answer that must have this status.</summary>
    public static async Task<JsonNode> Patch(this MiddlewareService service, string path, HttpStatusCode expected, string patch, string ifMatch = "*")
    {
        using var answer = await service.Send(HttpMethod.Patch, path, Encoding.UTF8.GetBytes(patch), "application/merge-patch+json", $"If-Match: {ifMatch}");
        return await Read(answer, expected);
    }

    public static Task<HttpStatusCode> Status(this MiddlewareService service, HttpMethod method, string path, string? body = null, params string[] headers) =>
        service.Send(method, path, Encoding.UTF8.GetBytes(body ?? ""), body is null ? null : "application/json", headers).StatusCode();

    public static Task<JsonNode> Create(this MiddlewareService service, string definition) =>
        service.Ask(HttpMethod.Post, Endpoints, HttpStatusCode.Created, definition);

    public static Task<JsonNode> Discard(this MiddlewareService service, string deliveryId, HttpStatusCode expected, params string[] operators) =>
        service.Ask(HttpMethod.Delete, $"/api/v1/dead-letters/{deliveryId}", expected, body: null, [.. operators.Select(static name => $"X-Operator: {name}")]);

    /// <summary>Has an event accepted and gives its id.</summary>
    public static async Task<string> Accept(
        this MiddlewareService service,
        string source = "tests",
        string eventType = "made",
        string severity = "low",
        string message = "m",
        string correlationId = "c-1",
        string metadata = "{}")
    {
        var body = new JsonObject { ["source"] = source, ["event_type"] = eventType, ["severity"] = severity, ["message"] = message, ["metadata"] = JsonNode.Parse(metadata) };
        var accepted = await service.Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, body.ToJsonString(), $"X-Correlation-ID: {correlationId}");
        return (string)accepted["event_id"]!;
    }

    /// <summary>Has so many events accepted and gives their ids.</summary>
    public static async Task<List<string>> Accept(this MiddlewareService service, int count, string source = "tests")
    {
        var ids = new List<string>();
        for (var number = 0; number < count; number++)
        {
            ids.Add(await service.Accept(source));
        }

        return ids;
    }

    /// <summary>Has an event accepted and waits until the receiver's answer to it is recorded.</summary>
    public static async Task<string> AcceptAnswered(
        this MiddlewareService service, int status, string source = "tests", string eventType = "made", string severity = "low")
    {
        service.Receiver.Status = status;
        var id = await service.Accept(source, eventType, severity);
        await service.Recorded();
        return id;
    }

    /// <summary>Waits until nothing is owed to an endpoint.</summary>
    public static Task Recorded(this MiddlewareService service) => Waiting.Until(() => service.WaitsInAll == 0);

    /// <summary>The payloads that were sent, once there are so many and no more are owed.</summary>
    public static async Task<IReadOnlyList<string>> Delivered(this MiddlewareService service, int count)
    {
        await Waiting.Until(() => service.Receiver.Sent.Count >= count && service.WaitsInAll == 0);
        return [.. service.Receiver.Sent.Select(static delivery => Encoding.UTF8.GetString(delivery.Event.Payload.Span))];
    }

    /// <summary>The state of an event's delivery to an endpoint; null where there is none.</summary>
    public static async Task<string?> StatusOf(this MiddlewareService service, string eventId, string endpoint) =>
        (string?)(await service.Get($"/api/v1/events/{eventId}"))["deliveries"]!.AsArray()
            .FirstOrDefault(delivery => (string?)delivery!["endpoint_id"] == endpoint)?["status"];

    /// <summary>The state of an endpoint, and the reason why it is disabled.</summary>
    public static async Task<(bool Enabled, string? Reason)> StateOf(this MiddlewareService service, string endpoint)
    {
        var item = await service.Get($"{Endpoints}/{endpoint}");
        return ((bool)item["enabled"]!, (string?)item["disabled_reason"]);
    }

    public static Task UntilStatus(this MiddlewareService service, string eventId, string endpoint, string status) =>
        Waiting.Until(async () => await service.StatusOf(eventId, endpoint) == status);

    public static Task UntilStatus(this MiddlewareService service, string eventId, string status) =>
        Waiting.Until(async () => (string?)(await service.Get($"/api/v1/events/{eventId}"))["status"] == status);

    /// <summary>Lets the time go on in ticks of the loops until it is so.</summary>
    public static async Task Passing(this MiddlewareService service, Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
            service.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private static async Task<JsonNode> Read(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal((int)expected >= 400 ? "application/problem+json" : "application/json", answer.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }
}
