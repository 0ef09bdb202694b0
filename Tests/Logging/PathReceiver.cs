using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Logging;

/// <summary>
/// A receiver that does what the path says: <c>/status/503</c> is answered so, <c>/hang</c> never, <c>/single</c> with 400 for more than one
/// event, anything else with 200; each answer repeats what it got.
/// </summary>
internal sealed class PathReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PathReceiver(WebApplication app) => _app = app;

    public static async Task<PathReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(Waiting.Cancellation);
        return new PathReceiver(app);
    }

    public string Url(string path) => _app.Urls.First() + path;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var path = context.Request.Path.Value!;
        if (path == "/hang")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        context.Response.StatusCode = path.StartsWith("/status/", StringComparison.Ordinal) ? int.Parse(path[8..], null)
            : path == "/single" && body is JsonArray { Count: > 1 } ? StatusCodes.Status400BadRequest
            : StatusCodes.Status200OK;
        await context.Response.WriteAsync(body!.ToJsonString(), context.RequestAborted);
    }
}
