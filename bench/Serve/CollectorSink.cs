using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Bench.Serve;

/// <summary>Stands for an OpenTelemetry collector: answers every export by OTLP over HTTP with 200, and <c>GET</c> with how many bytes of traces and metrics came.</summary>
internal static class CollectorSink
{
    public static async Task RunAsync(int port, CancellationToken cancellationToken)
    {
        var (traces, metrics) = (0L, 0L);
        await BareServer.RunAsync(port, AnswerAsync, cancellationToken);

        async Task AnswerAsync(HttpContext context)
        {
            if (HttpMethods.IsGet(context.Request.Method))
            {
                await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{traces} {metrics}"), context.RequestAborted);
                return;
            }

            var bytes = await CountAsync(context.Request.Body, context.RequestAborted);
            Interlocked.Add(ref context.Request.Path == "/v1/traces" ? ref traces : ref metrics, context.Request.Path == "/v1/logs" ? 0 : bytes);
        }
    }

    private static async Task<long> CountAsync(Stream body, CancellationToken cancellationToken)
    {
        var (count, buffer) = (0L, new byte[64 * 1024]);
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            count += read;
        }

        return count;
    }
}
