using System.Text;
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
    public TestClock Clock { get; } = new();

    public CapturedLog Log { get; } = new();

    public HttpClient Http => field ??= Connect();

    public Task<HttpResponseMessage> Post(string body, params string[] headers) => Send(HttpMethod.Post, "/external/alerts", body, "application/json", headers);

    public Task<HttpResponseMessage> PostAs(string? contentType, string body) => Send(HttpMethod.Post, "/external/alerts", body, contentType);

    public Task<HttpResponseMessage> SetFaults(string body, string contentType = "application/json") => Send(HttpMethod.Put, "/external/faults", body, contentType);

    public async Task<JsonNode> Get(string path) => JsonNode.Parse(await Http.GetStringAsync(path, Waiting.Cancellation))!;

    public async Task Shows(string path, string json) => Answers.SameJson(json, await Http.GetStringAsync(path, Waiting.Cancellation));

    /// <summary>The tries, newest first, once there are so many.</summary>
    public Task<JsonArray> Tries(int count) =>
        Waiting.SeeAsync(async () => (await Get("/external/alerts/tries"))["items"]!.AsArray(), tries => tries.Count >= count, $"{count} tries");

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, string body, string? contentType, params string[] headers) =>
        Http.Send(method, path, Encoding.UTF8.GetBytes(body), contentType, headers);

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

/// <summary>Tests that have a service of their own each.</summary>
public abstract class OnAlerts : IAsyncDisposable
{
    private protected AlertsService Service { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
