using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Middleware.Delivering;
using Middleware.Endpoints;
using Tests.Hosting;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Endpoints;

/// <summary>A service without the built-in endpoint, on a store that outlives it.</summary>
internal sealed class RegistryStage(params (string Name, string Value)[] settings) : IAsyncDisposable
{
    public const string Path = "/api/v1/endpoints";

    private readonly TemporaryDirectory _folder = new();

    public DurableService Service { get => field ??= Start(); set; }

    /// <summary>Those with which it starts the next time.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; set; } = settings;

    /// <summary>True where its own client sends, and not the test's.</summary>
    public bool SendsItself { get; init; }

    public AnsweringReceiver Receiver => Service.Receiver;

    public FakeTimeProvider Clock => Service.Clock;

    public EndpointRegistry Endpoints => Service.Services.GetRequiredService<EndpointRegistry>();

    public Circuits Circuits => Service.Services.GetRequiredService<Circuits>();

    public HttpClient Http => Service.Http;

    public Task<JsonNode> Ask(HttpMethod method, string path, HttpStatusCode expected, string? body = null, params string[] headers) =>
        Service.Ask(method, path, expected, body, headers);

    /// <summary>Lets the time go on in ticks of the loops until it is so.</summary>
    public Task Passing(Func<Task<bool>> isSo) => Service.Passing(isSo);

    public Task<JsonNode> Create(string definition) => Ask(HttpMethod.Post, Path, HttpStatusCode.Created, definition);

    /// <summary>Patches an endpoint, whatever version it has unless a header names one, and reads the answer that must have this status.</summary>
    public async Task<JsonNode> Patch(string path, HttpStatusCode expected, string patch, string ifMatch = "*")
    {
        using var answer = await Service.Send(HttpMethod.Patch, path, Encoding.UTF8.GetBytes(patch), "application/merge-patch+json", $"If-Match: {ifMatch}");
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    public async Task Accept(int count)
    {
        for (var number = 0; number < count; number++)
        {
            await Accept();
        }
    }

    /// <summary>Has an event accepted and says its id.</summary>
    public async Task<string> Accept(string eventType = "made") =>
        (string)(await Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, DurableService.Event("tests", eventType)))["event_id"]!;

    /// <summary>Waits until an event stands so for an endpoint.</summary>
    public async Task UntilStatus(string eventId, string endpoint, string status)
    {
        while (await StatusOf(eventId, endpoint) != status)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async Task<string?> StatusOf(string eventId, string endpoint) =>
        (string?)(await Ask(HttpMethod.Get, $"/api/v1/events/{eventId}", HttpStatusCode.OK))["deliveries"]!.AsArray()
            .FirstOrDefault(delivery => (string?)delivery!["endpoint_id"] == endpoint)?["status"];

    public async Task<HttpStatusCode> Status(HttpMethod method, string path, string? body = null, params string[] headers)
    {
        using var answer = await Service.Send(method, path, Encoding.UTF8.GetBytes(body ?? ""), body is null ? null : "application/json", headers);
        return answer.StatusCode;
    }

    public async Task Restart()
    {
        await Service.DisposeAsync();

        // The program ends on a thread of its own, and lets go of the store last.
        await Waiting.Until(IsFree);
        Service = Start();
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _folder.Dispose();
    }

    private bool IsFree()
    {
        try
        {
            using var held = File.Open(System.IO.Path.Combine(_folder.Path, "events.db.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private DurableService Start() => new([("DATA_DIR", _folder.Path), ("EXTERNAL_ENDPOINT_URL", ""), .. Settings]) { SendsItself = SendsItself };
}
