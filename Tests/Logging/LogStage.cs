using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tests.Hosting;
using static Tests.EndToEnd.Eventually;

namespace Tests.Logging;

/// <summary>
/// The middleware as a process without a built-in endpoint, given what must never be logged wherever it may be given; when the test is over
/// every line it wrote is looked at.
/// </summary>
internal sealed class LogStage : IAsyncDisposable
{
    private const string Canary = "canary";

    private readonly TemporaryDirectory _data = new();
    private readonly PathReceiver _receiver;
    private readonly List<ServiceProcess> _processes = [];
    private readonly string[] _settings;
    private readonly HttpClient _http = new();

    private LogStage(PathReceiver receiver, string[] settings) => (_receiver, _settings) = (receiver, settings);

    public string Folder => _data.Path;

    public string ReceiverUrl => _receiver.Url("");

    /// <summary>The process that was started last.</summary>
    public ServiceProcess Service => _processes[^1];

    public static async Task<LogStage> StartAsync(params string[] settings)
    {
        var stage = new LogStage(await PathReceiver.StartAsync(), settings);
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
        var url = path.StartsWith('/') ? _receiver.Url(path) : path;
        var answer = await AskAsync(
            HttpMethod.Post, "/api/v1/endpoints",
            $$$"""{"name":"{{{type}}}","url":"{{{url}}}?token={{{Canary}}}","headers":{"X-Token":"{{{Canary}}}"},"filter":{"event_types":["{{{type}}}"]}{{{more}}}}""",
            HttpStatusCode.Created);
        return (string)answer!["id"]!;
    }

    public async Task<string> EventAsync(string type) =>
        (string)(await AskAsync(HttpMethod.Post, "/integrations/events", Event(type), HttpStatusCode.OK))!["event_id"]!;

    public static string Event(string type) =>
        $$$"""{"source":"tests","event_type":"{{{type}}}","severity":"high","message":"{{{Canary}}}","metadata":{"{{{Canary}}}":"{{{Canary}}}"}}""";

    public async Task<JsonNode?> AskAsync(HttpMethod method, string path, string? body, HttpStatusCode expected, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(_processes[^1].Address, path));
        request.Headers.Add("Authorization", Canary);
        request.Headers.Add("X-Operator", "tests");
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, contentType);
        if (method != HttpMethod.Post && path.StartsWith("/api/v1/endpoints/", StringComparison.Ordinal))
        {
            request.Headers.Add("If-Match", "*");
        }

        using var answer = await _http.SendAsync(request, Waiting.Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(expected == answer.StatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    /// <summary>Posts an event that waits until the store is as expected.</summary>
    public async Task<HttpStatusCode> TryEventAsync(string type)
    {
        using var content = new StringContent(Event(type), Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(_processes[^1].Address, "/integrations/events"), content, Waiting.Cancellation);
        return answer.StatusCode;
    }

    /// <summary>The lines with this message, once there are so many.</summary>
    public Task<List<JsonNode>> LinesAsync(string message, int count = 1) => SeeAsync(
        () => Task.FromResult(_processes.SelectMany(static process => process.Log).Where(line => (string?)line["msg"] == message).ToList()),
        lines => lines.Count >= count,
        $"{count} lines \"{message}\"");

    /// <summary>The dead letter of an event, once there is one.</summary>
    public async Task<string> DeadLetterAsync(string eventId)
    {
        var items = await SeeAsync(
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
}
