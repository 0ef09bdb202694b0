using System.Collections.Concurrent;

namespace Tests.Middleware.Crash;

/// <summary>Posts events over many connections until the middleware is gone, and keeps the id of each that was answered with 200.</summary>
internal sealed class EventLoad(Uri address) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = address };
    private readonly ConcurrentQueue<string> _accepted = new();

    public IReadOnlyCollection<string> Accepted => _accepted;

    public static string Event(string source = "crash-tests", int fill = 20, string severity = "high") =>
        $$$"""{"source":"{{{source}}}","event_type":"test","severity":"{{{severity}}}","message":"m","metadata":{"fill":"{{{new string('f', fill)}}}"}}""";

    /// <summary>Each connection sends one event after the other until there is no answer any more.</summary>
    public Task UntilGoneAsync(int connections) => Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(PostUntilGoneAsync)));

    public async Task SendAsync(int count, int connections = 16, int fill = 20)
    {
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                Assert.Equal(HttpStatusCode.OK, await PostAsync(Event(fill: fill)));
            }
        }));
    }

    public async Task<HttpStatusCode> PostAsync(string body)
    {
        using var answer = await PostAsync(body, key: null);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            _accepted.Enqueue(await MiddlewareClient.EventIdAsync(answer));
        }

        return answer.StatusCode;
    }

    public Task<HttpResponseMessage> PostAsync(string body, string? key) => PostAsync("/integrations/events", body, key);

    public Task<HttpResponseMessage> PostBatchAsync(string body, string key) => PostAsync("/integrations/events/batch", body, key);

    private Task<HttpResponseMessage> PostAsync(string path, string body, string? key) =>
        _client.SendJson(HttpMethod.Post, path, body, key is null ? [] : [$"Idempotency-Key: {key}"]);

    public async Task<HttpStatusCode> ReadinessAsync()
    {
        using var answer = await _client.GetAsync(new Uri("/health/ready", UriKind.Relative), Waiting.Cancellation);
        return answer.StatusCode;
    }

    public void Dispose() => _client.Dispose();

    private async Task PostUntilGoneAsync()
    {
        try
        {
            while (await PostAsync(Event()) == HttpStatusCode.OK)
            {
            }
        }
        catch (HttpRequestException)
        {
            // It is gone; what had no answer was not accepted.
        }
    }
}
