using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Tests.Tracing;

/// <summary>Stands for an OpenTelemetry collector: keeps what comes by OTLP over HTTP, and reads the spans.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _exports = new();
    private WebReceiver _web = null!;

    private Collector()
    {
    }

    /// <summary>The spans so far, in the order in which they came.</summary>
    public IReadOnlyList<CollectedSpan> Spans => [.. _spans];

    /// <summary>All exports so far, such as those to <c>/v1/logs</c>.</summary>
    public IReadOnlyCollection<(string Path, byte[] Body)> Exports => _exports;

    /// <summary>The settings with which a service exports here, at once.</summary>
    public IEnumerable<string> Settings =>
    [$"OTEL_EXPORTER_OTLP_ENDPOINT={_web.Url}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_BSP_SCHEDULE_DELAY=20"];

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        collector._web = await WebReceiver.StartAsync(collector.TakeAsync);
        return collector;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _exports.Enqueue((context.Request.Path, body.ToArray()));
        if (context.Request.Path == "/v1/traces")
        {
            foreach (var span in CollectedSpan.ReadAll(body.ToArray()))
            {
                _spans.Enqueue(span);
            }
        }
    }
}
