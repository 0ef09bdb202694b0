using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ExternalAlerts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.ExternalAlerts;

/// <summary>The service as it runs, with its time, its randomness and its log in the test's hands.</summary>
internal sealed class AlertsService(Random? random = null) : WebApplicationFactory<AlertLog>
{
    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public WatchedClock Clock { get; } = new();

    public CapturedLog Log { get; } = new();

    public HttpClient Http => field ??= Connect();

    public Task<HttpResponseMessage> Post(string body, params string[] headers) =>
        Send(HttpMethod.Post, "/external/alerts", body, "application/json", headers);

    public Task<HttpResponseMessage> PostAs(string? contentType, string body) =>
        Send(HttpMethod.Post, "/external/alerts", body, contentType);

    public Task<HttpResponseMessage> SetFaults(string body, string contentType = "application/json") =>
        Send(HttpMethod.Put, "/external/faults", body, contentType);

    public async Task<JsonNode> Get(string path) => JsonNode.Parse(await Http.GetStringAsync(path, Cancellation))!;

    /// <summary>The tries, newest first, once there are so many.</summary>
    public async Task<JsonArray> Tries(int count)
    {
        while (true)
        {
            var tries = (await Get("/external/alerts/tries"))["items"]!.AsArray();
            if (tries.Count >= count)
            {
                return tries;
            }

            await Task.Yield();
        }
    }

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, string body, string? contentType, params string[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        foreach (var header in headers)
        {
            var parts = header.Split(": ", 2);
            request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        }

        return Http.SendAsync(request, Cancellation);
    }

    private HttpClient Connect()
    {
        ClientOptions.AllowAutoRedirect = false;
        return CreateClient();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Clock);
            services.AddSingleton<ILoggerProvider>(Log);
            if (random is not null)
            {
                services.AddSingleton(random);
            }
        });
    }
}
