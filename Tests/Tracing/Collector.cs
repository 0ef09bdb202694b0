using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Tracing;

/// <summary>Stands for an OpenTelemetry collector: keeps the spans that come by OTLP over HTTP, and takes the rest.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    /// <summary>The spans so far, in the order in which they came.</summary>
    public IReadOnlyList<CollectedSpan> Spans => [.. _spans];

    /// <summary>The settings with which a service exports here, at once.</summary>
    public IEnumerable<string> Settings =>
    [
        $"OTEL_EXPORTER_OTLP_ENDPOINT={_app.Urls.First()}",
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "OTEL_BSP_SCHEDULE_DELAY=20",
    ];

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var collector = new Collector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync(Waiting.Cancellation);
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (context.Request.Path == "/v1/traces")
        {
            foreach (var span in CollectedSpan.ReadAll(body.GetBuffer().AsSpan(0, (int)body.Length)))
            {
                _spans.Enqueue(span);
            }
        }
    }
}
