using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Tests;

/// <summary>A web server on the loopback that answers every request by a delegate.</summary>
internal sealed class WebReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebReceiver(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<WebReceiver> StartAsync(RequestDelegate answer, Action<KestrelServerOptions>? configure = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}").ConfigureKestrel(configure ?? (static _ => { }));
        var receiver = new WebReceiver(builder.Build());
        receiver._app.Run(answer);
        await receiver._app.StartAsync(Waiting.Cancellation);
        return receiver;
    }

    /// <summary>Answers by a status alone.</summary>
    public static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    public Uri At(string path) => new(Url, path);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
