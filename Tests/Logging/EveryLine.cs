using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using ExternalAlerts;
using Microsoft.Extensions.Logging;
using Middleware.Accepting;
using ServiceDefaults;
using Tests.Middleware.Crash;

namespace Tests.Logging;

[Trait("Speed", "Slow")]
public sealed class EveryLine
{
    private const string Refused = "request refused";
    private const string Failed = "failed to send event";

    /// <summary>An event that hangs is under way until the service stops, however slow the machine is.</summary>
    private static readonly string[] HangingForLong = ["HTTP_TIMEOUT=5m", "SHUTDOWN_TIMEOUT=1s"];

    [Fact(Timeout = Waiting.TestLimit)]
    [RunsNatively]
    public async Task Of_requests_that_are_refused_says_why()
    {
        await using var stage = await LogStage.StartAsync(HangingForLong);
        await stage.EndpointAsync("full", "/hang", ""","workers":1,"queue_size":1,"when_full":"reject" """);

        await PostAsync("""{"source":"canary","severity":"","metadata":"canary"}""", HttpStatusCode.BadRequest);
        await PostAsync("canary", HttpStatusCode.BadRequest);
        await PostAsync("canary", HttpStatusCode.UnsupportedMediaType, "text/canary");
        await stage.EventAsync("full");
        await PostAsync(LogStage.Event("full"), HttpStatusCode.ServiceUnavailable);
        await PostAsync($"[{LogStage.Event("none")},\"canary\"]", HttpStatusCode.OK, path: "/batch");
        await PostAsync("canary", HttpStatusCode.BadRequest, path: "/batch");

        var lines = await stage.AllLinesAsync();
        Assert.Equal(
            [
                (400, "The event is not valid.", "event_type, message, metadata, severity"), (400, "The event is not valid.", "body"),
                (415, "The content type is not supported.", null), (503, "The queue is full.", null), (400, "The batch is not valid.", "body"),
            ],
            Of(lines, Refused).Select(static line => ((int)line["status_code"]!, (string?)line["reason"], Sorted((string?)line["fields"]))));
        Assert.Equal((1, 1), Of(lines, "batch accepted in part").Select(static line => ((int)line["accepted"]!, (int)line["rejected"]!)).Single());

        Task PostAsync(string body, HttpStatusCode expected, string contentType = "application/json", string path = "") =>
            stage.AskAsync(HttpMethod.Post, "/integrations/events" + path, body, expected, contentType);

        static string? Sorted(string? names) => names is null ? null : string.Join(", ", names.Split(", ").Order());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    [RunsNatively]
    public async Task Of_deliveries_that_fail_names_the_event_and_the_reason()
    {
        await using var stage = await LogStage.StartAsync("HTTP_TIMEOUT=1m");
        (string Type, string Path, string Reason)[] ways =
        [
            ("unwell", "/status/503", "http_503"), ("gone", "/status/410", "http_410"), ("moved", "/status/302", "redirect"),
            ("closed", "http://127.0.0.1:2/", "connection_refused"), ("hanging", "/hang", "timeout"),
        ];
        var sent = new List<(string EventId, string Reason)>();
        foreach (var (type, path, reason) in ways)
        {
            await stage.EndpointAsync(type, path, reason == "timeout" ? ""","timeout":"50ms" """ : "");
            sent.Add((await stage.EventAsync(type), reason));
        }

        await stage.EndpointAsync("well", "/");
        var delivered = await stage.EventAsync("well");
        await stage.LinesAsync(Failed, ways.Length);
        await stage.LinesAsync("event delivered");

        var lines = await stage.AllLinesAsync();
        Assert.Equal(sent.Order(), Of(lines, Failed).Select(static line => ((string)line["event_id"]!, (string)line["reason"]!)).Order());
        Assert.Equal(ways.Length + 1, Of(lines, "event accepted").Count());
        Assert.Equal(delivered, (string?)Assert.Single(Of(lines, "event delivered"))["event_id"]);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    [RunsNatively]
    public async Task Of_a_receiver_in_trouble_and_of_what_operators_do_is_told()
    {
        await using var stage = await LogStage.StartAsync("SHUTDOWN_TIMEOUT=1s");
        await stage.EndpointAsync("refused", "/status/400");
        var endpoint = await stage.EndpointAsync("batched", "/single", ""","batch":{"max_size":2,"max_wait":"1m"}""");
        await stage.EndpointAsync("unwell", "/status/503");
        string[] events = [await stage.EventAsync("refused"), await stage.EventAsync("refused")];
        await stage.EventAsync("batched");
        await stage.EventAsync("batched");
        for (var count = 0; count < 20; count++)
        {
            await stage.EventAsync("unwell");
        }

        await stage.LinesAsync("circuit opened: its deliveries wait");
        await stage.LinesAsync("event delivered", 2);
        await stage.AskAsync(HttpMethod.Post, $"/api/v1/dead-letters/{await stage.DeadLetterAsync(events[0])}/replay", "", HttpStatusCode.Accepted);
        await stage.AskAsync(HttpMethod.Delete, $"/api/v1/dead-letters/{await stage.DeadLetterAsync(events[1])}", null, HttpStatusCode.OK);
        await stage.AskAsync(HttpMethod.Post, $"/api/v1/events/{events[1]}/replay", "{}", HttpStatusCode.Accepted);
        await stage.AskAsync(HttpMethod.Post, "/api/v1/replays", """{"of":"events","filter":{"event_type":"refused"}}""", HttpStatusCode.Accepted);
        await stage.LinesAsync("replay completed");
        await stage.AskAsync(HttpMethod.Delete, $"/api/v1/endpoints/{endpoint}", null, HttpStatusCode.NoContent);

        var lines = await stage.AllLinesAsync();
        Assert.Equal(events, Of(lines, "dead letter replayed").Concat(Of(lines, "dead letter discarded")).Select(static line => (string?)line["event_id"]));
        Assert.Equal(events[1], (string?)Assert.Single(Of(lines, "event replayed"))["event_id"]);
        foreach (var once in (string[])["batch refused: it is sent again in halves", "replay created", "replay completed", "endpoint deleted"])
        {
            Assert.Single(Of(lines, once));
        }

        Assert.Equal(3, Of(lines, "endpoint registered or changed").Count());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    [RunsNatively]
    public async Task Of_a_store_in_trouble_is_told_and_when_it_is_over()
    {
        await using var stage = await LogStage.StartAsync(HangingForLong);
        await stage.EndpointAsync("held", "/hang");
        var damaged = await stage.EventAsync("held");
        await stage.EventAsync("held");
        await stage.StopServiceAsync();
        StoredFile.Execute(stage.Folder, "UPDATE events SET accepted_at = 9223372036854775807 WHERE seq = (SELECT MIN(seq) FROM events)");
        await stage.StartServiceAsync();
        await stage.LinesAsync("stored event cannot be read: its delivery is a dead letter");

        var file = StoredFile.PathIn(stage.Folder);
        File.Move(file, file + ".aside");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await stage.TryEventAsync("held"));
        File.Move(file + ".aside", file);
        await stage.LinesAsync("the store can be written again");

        var lines = await stage.AllLinesAsync();
        Assert.Equal(damaged, (string?)Assert.Single(Of(lines, "stored event cannot be read: its delivery is a dead letter"))["event_id"]);
        Assert.Single(Of(lines, "the store cannot be written: events are refused, outcomes are held"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    [RunsNatively]
    public async Task Of_a_start_that_is_refused_is_the_reason()
    {
        using var listener = TcpListener.Create(0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        using var folder = new TemporaryDirectory();
        using var first = await ServiceProcess.StartAsync("Middleware.Api", $"DATA_DIR={folder.Path}");

        Assert.Equal(["MAX_RETRIES:", "QUEUE_SIZE:"], await RefusalsAsync("QUEUE_SIZE=many", "MAX_RETRIES=99"));
        Assert.Equal(["EXTERNAL_ENDPOINT_URL:"], await RefusalsAsync("EXTERNAL_ENDPOINT_URL=http://user:canary@127.0.0.1/"));
        Assert.Equal(["EXTERNAL_ENDPOINT_URL:"], await RefusalsAsync("EXTERNAL_ENDPOINT_URL=ftp://user:canary@127.0.0.1/"));
        Assert.Equal(["ConnectionStrings__events:"], await RefusalsAsync("ConnectionStrings__events=Host=db;Password=canary"));
        Assert.Equal(["PORT:"], await RefusalsAsync($"PORT={port}", "ConnectionStrings__events=memory"));
        Assert.Equal(["DATA_DIR:"], await RefusalsAsync($"DATA_DIR={folder.Path}"));

        static async Task<IEnumerable<string>> RefusalsAsync(params string[] settings)
        {
            using var service = ServiceProcess.Begin("Middleware.Api", settings);
            Assert.Equal(1, await service.ExitCodeAsync());
            return LogLine.ReadAll(service, "canary").Select(static line => ((string)line["error"]!).Split(' ')[0]).Order();
        }
    }

    [Fact(Timeout = Waiting.TestLimit)]
    [RunsNatively]
    public async Task Beyond_100_in_a_second_of_what_is_routine_is_counted_and_of_what_failed_is_written()
    {
        const int Events = 900;
        await using var stage = await LogStage.StartAsync();
        await stage.EndpointAsync("well", "/");
        await stage.EndpointAsync("refused", "/status/400");

        await PostAsync("well");
        await PostAsync("refused");
        await stage.LinesAsync(Failed, Events);
        await Waiting.SeeAsync(
            () => stage.AskAsync(HttpMethod.Get, "/api/v1/events?status=pending", null, HttpStatusCode.OK),
            static page => page!["items"]!.AsArray().Count == 0,
            "all is delivered");

        var lines = await stage.AllLinesAsync();
        Assert.Equal(2 * Events, Told("event accepted"));
        Assert.Equal(Events, Told("event delivered"));
        Assert.InRange(Of(lines, "event accepted").Count(), 100, (2 * Events) - 1);
        Assert.Equal(Events, Of(lines, Failed).DistinctBy(static line => (string?)line["event_id"]).Count());

        Task PostAsync(string type) => stage.AskAsync(
            HttpMethod.Post, "/integrations/events/batch", $"[{string.Join(',', Enumerable.Repeat(LogStage.Event(type), Events))}]", HttpStatusCode.OK);

        int Told(string message) => Of(lines, message).Count()
            + lines.Where(line => ((string)line["msg"]!).StartsWith(message + ": ", StringComparison.Ordinal)).Sum(static line => (int)line["left_out"]!);
    }

    [Fact]
    public void Has_a_fixed_text_and_its_values_as_members()
    {
        var texts =
            from assembly in (Assembly[])[typeof(AlertLog).Assembly, typeof(AcceptEvent).Assembly, typeof(Correlation).Assembly]
            from method in assembly.GetTypes().SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            where method.GetCustomAttribute<LoggerMessageAttribute>() is not null
            select method.GetCustomAttribute<LoggerMessageAttribute>()!.Message;

        Assert.NotEmpty(texts);
        Assert.DoesNotContain(texts, static text => text.AsSpan().ContainsAny('{', '}'));
    }

    private static IEnumerable<JsonNode> Of(IEnumerable<JsonNode> lines, string message) => lines.Where(line => (string?)line["msg"] == message);
}
