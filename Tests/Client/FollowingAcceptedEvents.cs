using System.Net;
using AspireIntegration.Client;
using Microsoft.AspNetCore.Http;

namespace Tests.Client;

public sealed class FollowingAcceptedEvents : IAsyncDisposable
{
    private const string Item = """{"event_id":"1","correlation_id":"c","source":"s","event_type":"EVENT","priority":"low","accepted_at":"2026-03-01T12:00:00Z","expires_at":null}""";

    private readonly TestClock _clock = new() { Hurried = TimeSpan.FromSeconds(5) };
    private readonly Queue<Func<HttpContext, Task>> _script = new();
    private readonly List<string?> _lastIds = [];
    private readonly HttpClient _http = new();
    private WebReceiver? _server;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await (_server?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task Events_of_the_service_come_as_they_are_accepted()
    {
        await using var middleware = new OperatedMiddleware();
        await using var events = middleware.Client.Events.StreamAsync(new() { Source = "tests" }, cancellationToken: Waiting.Cancellation).GetAsyncEnumerator(Waiting.Cancellation);
        var first = events.MoveNextAsync().AsTask();

        // The stream begins at some moment of the waiting: one of these is after it.
        var accepted = new List<string>();
        while (!first.IsCompleted)
        {
            accepted.Add((await middleware.Publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation)).EventId);
            await Task.WhenAny(first, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Waiting.Cancellation));
        }

        Assert.True(await first.InTime());
        Assert.Contains(events.Current.Event.EventId, accepted);
        Assert.NotEmpty(events.Current.Id);
        var again = middleware.Client.Events.StreamAsync(lastEventId: events.Current.Id, cancellationToken: Waiting.Cancellation);
        await middleware.Publisher.PublishAsync(OperatedMiddleware.Event("last"), Waiting.Cancellation);
        await foreach (var streamed in again)
        {
            Assert.NotEqual(events.Current.Event.EventId, streamed.Event.EventId);
            if (streamed.Event.EventType == "last")
            {
                break;
            }
        }
    }

    [Fact]
    public async Task A_lost_connection_goes_on_after_the_last_whole_event()
    {
        Says("retry: 2000\n\nid: s.0\n\n");
        Says(": still here\nid: s.1\n\n" + Event("s.2", "a") + "event: accepted\nid: s.3\ndata: {\"event_id\"");
        _script.Enqueue(static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        Says(Event("s.3", "b") + "id: s.9\n\n");
        Says(Event("s.10", "c"));

        Assert.Equal([("s.2", "a"), ("s.3", "b"), ("s.10", "c")], await ReadAsync(3));
        Assert.Equal([null, "s.0", "s.2", "s.2", "s.9"], _lastIds);
    }

    [Fact]
    public async Task A_refusal_is_thrown()
    {
        foreach (var status in new[] { 503, 401 })
        {
            _script.Enqueue(context =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            });
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Assert.ThrowsAsync<AspireIntegrationException>(() => ReadAsync(1))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<AspireIntegrationException>(() => ReadAsync(1))).StatusCode);
    }

    private static string Event(string id, string type) => $"event: accepted\nid: {id}\ndata: {Item.Replace("EVENT", type, StringComparison.Ordinal)}\n\n";

    private void Says(string text) => _script.Enqueue(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(text, Waiting.Cancellation);
    });

    private async Task<List<(string Id, string Type)>> ReadAsync(int count)
    {
        _server ??= await WebReceiver.StartAsync(context =>
        {
            _lastIds.Add(context.Request.Headers.TryGetValue("Last-Event-ID", out var id) ? id.ToString() : null);
            return _script.Dequeue()(context);
        });
        _http.BaseAddress ??= _server.Url;
        var client = new AspireIntegrationClient(_http, static _ => default, _clock);
        return await client.Events.StreamAsync(cancellationToken: Waiting.Cancellation)
            .Take(count).Select(static streamed => (streamed.Id, streamed.Event.EventType)).ToListAsync(Waiting.Cancellation).InTime();
    }
}
