using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;

namespace Tests.Middleware;

/// <summary>The service as it runs, with its time, its receivers and its log in the test's hands.</summary>
internal sealed class MiddlewareService(params (string Name, string Value)[] settings) : WebApplicationFactory<IntegrationEvent>
{
    public const string Valid =
        """{"source":"tests","event_type":"made","severity":"critical","message":"a message","metadata":{"a":1}}""";

    public FakeDeliveryClient Client { get; } = new();

    public TestClock Clock { get; } = new();

    public CapturedLog Log { get; } = new();

    public HttpClient Http => field ??= CreateClient();

    /// <summary>How many deliveries wait, those under way included.</summary>
    public int Waits => Services.GetRequiredService<IEventStore>().Waiting(EndpointId.Default);

    /// <summary>The same for all endpoints.</summary>
    public int WaitsInAll => Services.GetRequiredService<EndpointRegistry>().All.Sum(endpoint => Services.GetRequiredService<IEventStore>().Waiting(endpoint.Id));

    public Task<HttpResponseMessage> Post(string body, params string[] headers) => Post(Encoding.UTF8.GetBytes(body), "application/json", headers);

    public Task<HttpResponseMessage> Post(byte[] body, string? contentType = "application/json", params string[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/integrations/events") { Content = new ByteArrayContent(body) };
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

    /// <summary>A body whose length is not told before.</summary>
    public Task<HttpResponseMessage> PostChunked(byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/integrations/events") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentLength = null;
        request.Headers.TransferEncodingChunked = true;
        return Http.SendAsync(request, Waiting.Cancellation).InTime();
    }

    /// <summary>The payloads that were sent, once there are so many and no more are owed.</summary>
    public async Task<IReadOnlyList<string>> Delivered(int count)
    {
        await Waiting.Until(() => Client.Sent.Count >= count && Waits == 0);
        return [.. Client.Sent.Select(delivery => Encoding.UTF8.GetString(delivery.Event.Payload.Span))];
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.UseSetting("EXTERNAL_ENDPOINT_URL", "http://receiver.test/hook");
        builder.UseSetting("ConnectionStrings:events", "memory");
        // The receiver's answer to a try is the end of a delivery, unless a test has more.
        builder.UseSetting("MAX_RETRIES", "0");
        builder.UseSetting("REDELIVERY_SCHEDULE", "");
        foreach (var (name, value) in settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Clock);
            services.AddSingleton<IDeliveryClient>(Client);
        });
    }
}
