using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceDefaults;

namespace Tests.ServiceDefaults;

/// <summary>A service that has the defaults and whatever a test adds.</summary>
internal sealed class DefaultsHost : IAsyncDisposable
{
    private DefaultsHost(WebApplication app) => App = app;

    public WebApplication App { get; }

    public CapturedLog Log { get; private init; } = new();

    public HttpClient Http => field ??= App.GetTestClient();

    public static async Task<DefaultsHost> Start(Action<WebApplication>? map = null, Action<IServiceCollection>? add = null)
    {
        var log = new CapturedLog();
        var builder = WebApplication.CreateBuilder();
        builder.AddServiceDefaults(defaultPort: 8080);
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().AddProvider(log);
        add?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        await app.StartAsync(Waiting.Cancellation);
        return new DefaultsHost(app) { Log = log };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
    }
}
