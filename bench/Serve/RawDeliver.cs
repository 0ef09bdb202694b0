using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Bench.Serve;

/// <summary>The bar for delivering: so many loops on one plain HttpClient that post the outbound body, and nothing else.</summary>
internal static class RawDeliver
{
    private const string IdInBody = "00000000000000000000000000000000";

    private static readonly byte[] Template = Encoding.ASCII.GetBytes(
        $$$"""{"event_id":"{{{IdInBody}}}","correlation_id":"0198c0de0198c0de0198c0de0198c0de","source":"monitoring-system","event_type":"server_down","priority":"critical","severity":"critical","message":"Production server is not responding","metadata":{"server_id":"prod-web-01","region":"us-east-1"},"timestamp":"2026-01-01T00:00:00.0000000Z"}""");

    private static readonly int IdAt = Template.AsSpan().IndexOf(Encoding.ASCII.GetBytes(IdInBody));

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public static async Task RunAsync(Uri target, int workers, long events, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(5) };
        var sent = 0L;
        var loops = Enumerable.Range(0, workers).Select(_ => Task.Run(LoopAsync, cancellationToken));
        await Task.WhenAll(loops);
        await Parent.GoneAsync(cancellationToken);

        async Task LoopAsync()
        {
            while (Interlocked.Increment(ref sent) is var number && number <= events)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = Body(number) };
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (!response.IsSuccessStatusCode)
                {
                    throw new BenchException($"the receiver answered {(int)response.StatusCode}");
                }
            }
        }
    }

    private static ByteArrayContent Body(long number)
    {
        var body = Template.AsSpan().ToArray();
        _ = number.TryFormat(body.AsSpan(IdAt, 32), out var _, "x32", CultureInfo.InvariantCulture);
        return new ByteArrayContent(body) { Headers = { ContentType = Json } };
    }
}
