using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage;
using Tests.Hosting;

namespace Tests.Middleware.Durable;

/// <summary>The middleware as it runs on a SQLite file of its own, with its time and its receiver in the test's hands.</summary>
internal sealed class DurableService(params (string Name, string Value)[] settings) : WebApplicationFactory<IntegrationEvent>
{
    private readonly TemporaryDirectory _folder = new();

    public FakeTimeProvider Clock { get; init; } = new(DurableStore.Noon);

    /// <summary>Puts other services in the place of the service's or the test's.</summary>
    public Action<IServiceCollection>? With { get; init; }

    /// <summary>True where its own client sends, and not the test's.</summary>
    public bool SendsItself { get; init; }

    public AnsweringReceiver Receiver => field ??= new AnsweringReceiver(Clock);

    public HttpClient Http => field ??= CreateClient();

    public string DatabasePath => Path.Combine(_folder.Path, "events.db");

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, byte[] body, string? contentType, params string[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var header in headers)
        {
            var parts = header.Split(": ", 2);
            request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        }

        return Http.SendAsync(request, Waiting.Cancellation).InTime();
    }

    public Task<HttpResponseMessage> Post(string path, string body, params string[] headers) =>
        Send(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), "application/json", headers);

    /// <summary>Sends and reads the JSON of an answer that must have this status.</summary>
    public async Task<JsonNode> Ask(HttpMethod method, string path, HttpStatusCode expected, string? body = null, params string[] headers)
    {
        using var answer = await (body is null
            ? Http.SendAsync(new HttpRequestMessage(method, path), Waiting.Cancellation).InTime()
            : Send(method, path, Encoding.UTF8.GetBytes(body), "application/json", headers));
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Has an event accepted and waits until the receiver's answer to it is recorded.</summary>
    public async Task<string> AcceptAnswered(int status, string source = "tests")
    {
        Receiver.Status = status;
        var accepted = await Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, Event(source));
        await Recorded();
        return (string)accepted["event_id"]!;
    }

    public static string Event(string source, string eventType = "made") => $$"""{"source":"{{source}}","event_type":"{{eventType}}","severity":"low","message":"m"}""";

    /// <summary>Waits until nothing that is live is owed.</summary>
    public Task Recorded() => Waiting.Until(() => Services.GetRequiredService<IEventStore>().Waiting(EndpointId.Default) == 0);

    /// <summary>Lets the time go on in ticks of the loops until it is so.</summary>
    public async Task Passing(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.UseSetting("EXTERNAL_ENDPOINT_URL", "http://receiver.test/");
        builder.UseSetting("REDELIVERY_SCHEDULE", "");
        // The receiver's answer to a try is the end of a delivery, unless a test has more.
        builder.UseSetting("MAX_RETRIES", "0");

        // What is sent keeps its order only where one worker sends it.
        builder.UseSetting("WORKER_COUNT", "1");
        builder.UseSetting("DATA_DIR", _folder.Path);
        foreach (var (name, value) in settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Clock);
            if (!SendsItself)
            {
                services.AddSingleton<IDeliveryClient>(Receiver);
            }

            With?.Invoke(services);
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
}
