using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Middleware.Delivering;
using Middleware.Events;
using Tests.Hosting;
using Tests.Middleware.Durable;

namespace Tests.Middleware.History;

/// <summary>The middleware as it runs, on a SQLite file of its own, with the receiver and the time in the test's hands.</summary>
internal sealed class HistoryService : WebApplicationFactory<IntegrationEvent>
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _folder = new();

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public FakeTimeProvider Clock { get; } = new(Start);

    public AnsweringReceiver Receiver => field ??= new AnsweringReceiver(Clock);

    /// <summary>Empty for no endpoint, so that no event matches one.</summary>
    public string EndpointUrl { get; init; } = "http://receiver.test/";

    public HttpClient Http => field ??= CreateClient();

    public string DatabasePath => Path.Combine(_folder.Path, "events.db");

    /// <summary>Has an event accepted and says its id.</summary>
    public async Task<string> Accept(
        string source = "s", string eventType = "t", string severity = "low", string message = "m", string correlationId = "c-1", string metadata = "{}")
    {
        var body = new JsonObject { ["source"] = source, ["event_type"] = eventType, ["severity"] = severity, ["message"] = message, ["metadata"] = JsonNode.Parse(metadata) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/integrations/events") { Content = Json(body.ToJsonString()) };
        request.Headers.Add("X-Correlation-ID", correlationId);
        using var answer = await Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["event_id"]!;
    }

    /// <summary>Has an event accepted that the receiver answers with a status, and waits until that is recorded.</summary>
    public async Task<string> AcceptAnswered(int status, string source = "s", string eventType = "t", string severity = "low")
    {
        Receiver.Status = status;
        var id = await Accept(source, eventType, severity);
        await UntilStatus(id, status == 200 ? "delivered" : "dead_letter");
        return id;
    }

    /// <summary>Waits until what an event came to is recorded.</summary>
    public async Task UntilStatus(string eventId, string status)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        bound.CancelAfter(Bound);
        while ((string?)(await Get($"/api/v1/events/{eventId}"))["status"] != status)
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async Task<JsonNode> Get(string path) => await Answer(HttpMethod.Get, path, HttpStatusCode.OK);

    public async Task<JsonNode> Post(string path, HttpStatusCode expected, string? body = null) => await Answer(HttpMethod.Post, path, expected, body);

    public async Task<JsonNode> Discard(string deliveryId, HttpStatusCode expected, params string[] operators) =>
        await Answer(HttpMethod.Delete, $"/api/v1/dead-letters/{deliveryId}", expected, body: null, operators);

    /// <summary>The ids of the events of a list, over all its pages.</summary>
    public async Task<List<string>> EventIds(string query)
    {
        var (ids, cursor) = (new List<string>(), "");
        do
        {
            var page = await Get($"/api/v1/events?{query}{cursor}");
            ids.AddRange(page["items"]!.AsArray().Select(static item => (string)item!["event_id"]!));
            cursor = (string?)page["next_cursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor != "");

        return ids;
    }

    public async Task<JsonNode> Answer(HttpMethod method, string path, HttpStatusCode expected, string? body = null, params string[] operators)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Json(body) };
        if (operators.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("X-Operator", operators);
        }

        using var answer = await Http.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal((int)expected >= 400 ? "application/problem+json" : "application/json", answer.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("DATA_DIR", _folder.Path);
        builder.UseSetting("EXTERNAL_ENDPOINT_URL", EndpointUrl);
        builder.UseSetting("REDELIVERY_SCHEDULE", "1h");
        // The receiver's answer to a try is the end of a delivery, unless a test has more.
        builder.UseSetting("MAX_RETRIES", "0");
        builder.ConfigureLogging(static logging => logging.ClearProviders());
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Clock);
            services.AddSingleton<IDeliveryClient>(Receiver);
            services.AddSingleton<Func<double>>(static () => 0.5);
        });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _folder.Dispose();
        }
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
