using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using Microsoft.AspNetCore.Http;
using Tests.Middleware;

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
        await middleware.Service.Passing(async () =>
        {
            accepted.Add((await middleware.Publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation)).EventId);
            return first.IsCompleted;
        });

        Assert.True(await first.InTime());
        Assert.Contains(events.Current.Event.EventId, accepted);
        Assert.NotEmpty(events.Current.Id);
        var again = middleware.Client.Events.StreamAsync(position: new(events.Current.Id), cancellationToken: Waiting.Cancellation);
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
        Refuses(503);
        Says(Event("s.3", "b") + "id: s.9\n\n");
        Says(Event("s.10", "c"));

        Assert.Equal([("s.2", "a"), ("s.3", "b"), ("s.10", "c")], await ReadAsync(3));
        Assert.Equal([null, "s.0", "s.2", "s.2", "s.9"], _lastIds);
    }

    [Fact]
    public async Task A_position_goes_on_where_a_stream_was_ended_also_before_its_first_event()
    {
        Says("retry: 2000\n\nid: s.4\n\n", stays: true);
        var position = new EventStreamPosition();
        using (var paused = new CancellationTokenSource())
        {
            await using var stream = (await ClientAsync()).Events.StreamAsync(position: position, cancellationToken: paused.Token).GetAsyncEnumerator(paused.Token);
            var next = stream.MoveNextAsync().AsTask();
            await Waiting.Until(() => position.LastEventId == "s.4");
            await paused.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.InTime());
        }

        Says(Event("s.5", "meanwhile"));
        Assert.Equal([("s.5", "meanwhile")], await ReadAsync(1, position));
        Assert.Equal("s.4", _lastIds[^1]);
    }

    [Fact]
    public async Task The_loss_of_a_connection_is_said()
    {
        Says(Event("s.1", "a"));
        Says(Event("s.2", "b"));
        var said = new List<bool>();

        await ReadAsync(2, new EventStreamPosition { ConnectionChanged = said.Add });

        Assert.Equal([true, false, true], said);
    }

    [Theory]
    [InlineData("id: 7\n\nevent: accepted\ndata: {]\n\n")]
    [InlineData("id: 7\n\nevent: accepted\ndata: \"x\"\n\n")]
    [InlineData("id: 7\n\nevent: accepted\ndata: null\n\n")]
    public async Task Bytes_that_are_no_event_are_a_fault_of_the_connection_that_keeps_the_position(string body)
    {
        Says(body);
        var position = new EventStreamPosition();

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => ReadAsync(1, position));

        Assert.StartsWith("The stream has data that is no event:", fault.Message, StringComparison.Ordinal);
        Assert.Equal("7", position.LastEventId);
    }

    [Fact]
    public async Task Conditions_are_those_of_the_stream_and_a_faulty_one_is_named()
    {
        await using var middleware = new OperatedMiddleware();
        var refused = await Assert.ThrowsAsync<AspireIntegrationException>(async () => await middleware.Client.Events.StreamAsync(new() { Filter = "a =" }, cancellationToken: Waiting.Cancellation).FirstAsync(Waiting.Cancellation));
        var position = new EventStreamPosition();
        var asked = new EventStreamQuery { Source = "a & b", EventType = "made", Priority = Priority.Low, Q = "m", Filter = "source = 'a & b'" };
        var first = middleware.Client.Events.StreamAsync(asked, position, Waiting.Cancellation).FirstAsync(Waiting.Cancellation).AsTask();
        await Waiting.Until(() => position.LastEventId is not null);
        await middleware.Publisher.PublishAsync(OperatedMiddleware.Event("made", "b"), Waiting.Cancellation);
        var accepted = await middleware.Publisher.PublishAsync(OperatedMiddleware.Event("made", "a & b"), Waiting.Cancellation);

        // The service looks for events by its own clock.
        await middleware.Service.Passing(() => Task.FromResult(first.IsCompleted));
        Assert.Equal(accepted.EventId, (await first).Event.EventId);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("at character 3:", Assert.Single(refused.Errors["filter"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_thrown()
    {
        Refuses(503);
        Refuses(401);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Assert.ThrowsAsync<AspireIntegrationException>(() => ReadAsync(1))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<AspireIntegrationException>(() => ReadAsync(1))).StatusCode);
    }

    private static string Event(string id, string type) => $"event: accepted\nid: {id}\ndata: {Item.Replace("EVENT", type, StringComparison.Ordinal)}\n\n";

    private void Says(string text, bool stays = false) => _script.Enqueue(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(text, Waiting.Cancellation);
        await context.Response.Body.FlushAsync(Waiting.Cancellation);
        if (stays)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    });

    private void Refuses(int status) => _script.Enqueue(context => WebReceiver.AnswerAsync(context, status));

    private async Task<AspireIntegrationClient> ClientAsync()
    {
        _server ??= await WebReceiver.StartAsync(context =>
        {
            _lastIds.Add(context.Request.Headers.TryGetValue("Last-Event-ID", out var id) ? id.ToString() : null);
            return _script.Dequeue()(context);
        });
        _http.BaseAddress ??= _server.Url;
        return new AspireIntegrationClient(_http, static _ => default, _clock);
    }

    private async Task<List<(string Id, string Type)>> ReadAsync(int count, EventStreamPosition? position = null) =>
        await (await ClientAsync()).Events.StreamAsync(position: position, cancellationToken: Waiting.Cancellation)
            .Take(count).Select(static streamed => (streamed.Id, streamed.Event.EventType)).ToListAsync(Waiting.Cancellation).InTime();
}
