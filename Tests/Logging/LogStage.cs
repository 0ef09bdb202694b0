using System.Text;
using Microsoft.AspNetCore.Http;

namespace Tests.Logging;

/// <summary>
/// The middleware as a process without a built-in endpoint, given what must never be logged wherever it may be given; when the test is over
/// every line it wrote is looked at.
/// </summary>
internal sealed class LogStage : IAsyncDisposable
{
    private const string Canary = "canary";

    private readonly TemporaryDirectory _data = new();
    private readonly WebReceiver _receiver;
    private readonly List<ServiceProcess> _processes = [];
    private readonly string[] _settings;
    private readonly HttpClient _http = new();

    private LogStage(WebReceiver receiver, string[] settings) => (_receiver, _settings) = (receiver, settings);

    public string Folder => _data.Path;

    public string ReceiverUrl => _receiver.Url.ToString().TrimEnd('/');

    /// <summary>The process that was started last.</summary>
    public ServiceProcess Service => _processes[^1];

    public static async Task<LogStage> StartAsync(params string[] settings)
    {
        var stage = new LogStage(await WebReceiver.StartAsync(AnswerAsync), settings);
        await stage.StartServiceAsync();
        return stage;
    }

    public async Task StartServiceAsync() => _processes.Add(await ServiceProcess.StartAsync(
        "Middleware.Api",
        ["EXTERNAL_ENDPOINT_URL=", $"DATA_DIR={Folder}", "ALLOWED_NETWORKS=127.0.0.0/8", "MAX_RETRIES=0", "REDELIVERY_SCHEDULE=", .. _settings]));

    public async Task StopServiceAsync() => Assert.Equal(0, await _processes[^1].StopAsync());

    /// <summary>Registers an endpoint for the events of a type, at a path of the receiver or at a URL.</summary>
    public async Task<string> EndpointAsync(string type, string path, string more = "")
    {
        var url = path.StartsWith('/') ? _receiver.At(path).ToString() : path;
        var answer = await AskAsync(
            HttpMethod.Post, "/api/v1/endpoints",
            $$$"""{"name":"{{{type}}}","url":"{{{url}}}?token={{{Canary}}}","headers":{"X-Token":"{{{Canary}}}"},"auth":{"kind":"basic","username":"tests","password":"{{{Canary}}}"},"filter":{"event_types":["{{{type}}}"]}{{{more}}}}""",
            HttpStatusCode.Created);
        return (string)answer!["id"]!;
    }

    public async Task<string> EventAsync(string type) =>
        (string)(await AskAsync(HttpMethod.Post, "/integrations/events", Event(type), HttpStatusCode.OK))!["event_id"]!;

    public static string Event(string type) =>
        $$$"""{"source":"tests","event_type":"{{{type}}}","severity":"high","message":"{{{Canary}}}","metadata":{"{{{Canary}}}":"{{{Canary}}}"}}""";

    public async Task<JsonNode?> AskAsync(HttpMethod method, string path, string? body, HttpStatusCode expected, string contentType = "application/json")
    {
        List<string> headers = [$"Authorization: {Canary}", "X-Operator: tests"];
        if (method != HttpMethod.Post && path.StartsWith("/api/v1/endpoints/", StringComparison.Ordinal))
        {
            headers.Add("If-Match: *");
        }

        using var answer = await _http.Send(method, UrlOf(path), body is null ? null : Encoding.UTF8.GetBytes(body), contentType, headers);
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(expected == answer.StatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    /// <summary>Posts an event that waits until the store is as expected.</summary>
    public Task<HttpStatusCode> TryEventAsync(string type) => _http.SendJson(HttpMethod.Post, UrlOf("/integrations/events"), Event(type)).StatusCode();

    /// <summary>The lines with this message, once there are so many.</summary>
    public Task<List<JsonNode>> LinesAsync(string message, int count = 1) => Waiting.SeeAsync(
        () => Task.FromResult(_processes.SelectMany(static process => process.Log).Where(line => (string?)line["msg"] == message).ToList()),
        lines => lines.Count >= count,
        $"{count} lines \"{message}\"");

    /// <summary>The dead letter of an event, once there is one.</summary>
    public async Task<string> DeadLetterAsync(string eventId)
    {
        var items = await Waiting.SeeAsync(
            async () => (await AskAsync(HttpMethod.Get, "/api/v1/dead-letters", null, HttpStatusCode.OK))!["items"]!.AsArray()
                .Where(item => (string?)item!["event_id"] == eventId && (string?)item["state"] == "resting").ToList(),
            static items => items.Count == 1,
            $"a dead letter of {eventId}");
        return (string)items[0]!["delivery_id"]!;
    }

    /// <summary>Stops the service and looks at every line that its processes wrote.</summary>
    public async Task<IReadOnlyList<JsonNode>> AllLinesAsync()
    {
        await StopServiceAsync();
        return [.. _processes.SelectMany(static process => LogLine.ReadAll(process, Canary))];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _processes.ForEach(static process => process.Dispose());
        await _receiver.DisposeAsync();
        _data.Dispose();
    }

    private string UrlOf(string path) => new Uri(Service.Address, path).ToString();

    /// <summary>
    /// Answers as the path says: <c>/status/503</c> with that status, <c>/hang</c> never, <c>/single</c> with 400 for more than one event,
    /// anything else with 200. Each answer repeats the request's body.
    /// </summary>
    private static async Task AnswerAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var path = context.Request.Path.Value!;
        if (path == "/hang")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        context.Response.StatusCode = path.StartsWith("/status/", StringComparison.Ordinal) ? int.Parse(path[8..], null)
            : path == "/single" && body is JsonArray { Count: > 1 } ? StatusCodes.Status400BadRequest
            : StatusCodes.Status200OK;
        await context.Response.WriteAsync(body!.ToJsonString(), context.RequestAborted);
    }
}
