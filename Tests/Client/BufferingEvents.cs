using System.Collections.Concurrent;
using AspireIntegration.Client;
using AspireIntegration.Client.Publishing;
using Microsoft.AspNetCore.Http;

namespace Tests.Client;

public sealed class BufferingEvents : OnAClient
{
    private readonly ConcurrentQueue<UndeliveredEvent> _undelivered = new();
    private readonly CapturedLog _log = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EventBuffer? _buffer;

    public override async ValueTask DisposeAsync()
    {
        await (_buffer?.DisposeAsync() ?? default);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Events_are_accepted_in_batches_in_their_order()
    {
        var buffer = await BufferAsync(new() { BatchSize = 100 });

        for (var number = 0; number < 1_000; number++)
        {
            Assert.True(await buffer.EnqueueAsync(OperatedMiddleware.Event($"made-{number}"), Waiting.Cancellation));
        }

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.Equal(Enumerable.Range(0, 1_000).Reverse().Select(static number => $"made-{number}"), await AcceptedAsync());
        Assert.InRange(Seen.Count, 10, 900);
        Assert.Equal(Seen.Count, Seen.Select(static request => request.Key).Distinct().Count());
        Assert.Empty(_undelivered);
    }

    [Fact]
    public async Task A_full_buffer_refuses_or_is_waited_for()
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        var buffer = await BufferAsync(new() { Capacity = 2, BatchSize = 1 }, async (context, request) =>
        {
            begun.TrySetResult();
            await end.Task.InTime();
            context.Abort();
        });
        Assert.True(buffer.TryEnqueue(OperatedMiddleware.Event("1")));
        await begun.Task.InTime();
        Enqueue(buffer, "2", "3");

        Assert.False(buffer.TryEnqueue(OperatedMiddleware.Event("4")));
        var waiting = buffer.EnqueueAsync(OperatedMiddleware.Event("5"), Waiting.Cancellation).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(2, buffer.Count);
        end.SetResult();

        Assert.True(await waiting.InTime());
        await buffer.StopAsync(Waiting.Cancellation).InTime();
        Assert.Equal(["5", "3", "2", "1"], await AcceptedAsync());
    }

    [Fact]
    public async Task A_buffer_that_refuses_never_waits()
    {
        var begun = new TaskCompletionSource();
        var buffer = await BufferAsync(new() { Capacity = 1, BatchSize = 1, WhenFull = WhenBufferFull.Refuse }, FaultyService.Hang(begun));
        await buffer.EnqueueAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        await begun.Task.InTime();

        Assert.True(await buffer.EnqueueAsync(OperatedMiddleware.Event(), Waiting.Cancellation));
        Assert.False(await buffer.EnqueueAsync(OperatedMiddleware.Event(), Waiting.Cancellation));
    }

    [Fact]
    public async Task A_stopped_buffer_takes_nothing()
    {
        var buffer = await BufferAsync(new());
        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.False(buffer.TryEnqueue(OperatedMiddleware.Event()));
        Assert.False(await buffer.EnqueueAsync(OperatedMiddleware.Event(), Waiting.Cancellation));
        await buffer.StopAsync(Waiting.Cancellation).InTime();
    }

    [Fact]
    public async Task Events_that_could_not_be_sent_at_the_stop_are_reported()
    {
        var begun = new TaskCompletionSource();
        var buffer = await BufferAsync(new() { BatchSize = 2 }, FaultyService.Refuse(503), FaultyService.Hang(begun));
        var events = Enumerable.Range(0, 5).Select(static number => OperatedMiddleware.Event($"made-{number}")).ToList();
        events.ForEach(one => Assert.True(buffer.TryEnqueue(one)));
        await begun.Task.InTime();

        using var time = new CancellationTokenSource();
        var stopping = buffer.StopAsync(time.Token);
        await time.CancelAsync();
        await stopping.InTime();

        Assert.Equal(events, _undelivered.Select(static given => given.Event));
        Assert.All(_undelivered, static given => Assert.Equal(UndeliveredReason.Stopped, given.Reason));
        Assert.All(_undelivered, static given => Assert.IsType<AspireIntegrationException>(given.Cause));
        Assert.Contains(_log.Errors, static line => line.Message.Contains("5 events of the buffer were not delivered (Stopped)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_buffer_that_is_disposed_reports_what_it_holds()
    {
        var begun = new TaskCompletionSource();
        var buffer = await BufferAsync(new(), FaultyService.Hang(begun));
        buffer.TryEnqueue(OperatedMiddleware.Event());
        await begun.Task.InTime();

        await buffer.DisposeAsync().InTime();

        Assert.Single(_undelivered);
        Assert.Equal(0, buffer.Count);
    }

    [Fact]
    public async Task A_faulty_event_is_reported_with_its_faults_and_the_others_are_accepted()
    {
        var buffer = await BufferAsync(new());
        Enqueue(buffer, "1", "", "3");

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.Equal(["3", "1"], await AcceptedAsync());
        var given = Assert.Single(_undelivered);
        Assert.Equal((UndeliveredReason.Rejected, ""), (given.Reason, given.Event.EventType));
        Assert.Equal(["event_type"], given.Errors!.Keys);
    }

    [Fact]
    public async Task A_report_that_throws_keeps_none_of_the_others_back()
    {
        var buffer = await BufferAsync(new() { OnUndelivered = static _ => throw new InvalidOperationException("no room") });
        Enqueue(buffer, "", "", "3");

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.Equal(["3"], await AcceptedAsync());
        Assert.Equal(2, _log.Errors.Count(static line => line.Message.Contains("OnUndelivered threw", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Events_that_found_full_queues_are_sent_again_with_a_new_key()
    {
        var buffer = await BufferAsync(
            new(),
            FaultyService.Hold(_held.Task),
            FaultyService.Answer("""{"accepted":1,"rejected":1,"results":[{"index":0,"status":"accepted"},{"index":1,"status":"rejected","errors":{"queue":["full"]}}]}"""),
            FaultyService.Answer("""{"accepted":0,"rejected":1,"results":[{"index":0,"status":"rejected","errors":{"store":["busy"]}}]}"""));
        await EnqueueAsOneAsync(buffer, "1", "2");

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.Equal(["2", "first"], await AcceptedAsync());
        Assert.Equal(["2"], Types(Seen[^2]));
        Assert.Equal(3, Seen.TakeLast(3).Select(static request => request.Key).Distinct().Count());
        Assert.Empty(_undelivered);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_for_a_proxy_is_sent_in_parts()
    {
        var buffer = await BufferAsync(new(), FaultyService.Hold(_held.Task), FaultyService.Refuse(413), FaultyService.Refuse(413));
        await EnqueueAsOneAsync(buffer, "1", "2", "3", "4", "5");

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.Equal(["5", "4", "3", "2", "1", "first"], await AcceptedAsync());
        Assert.Equal(["1"], Types(Seen[3]));
        Assert.Empty(_undelivered);
    }

    [Fact]
    public async Task A_batch_whose_answer_was_lost_is_accepted_once()
    {
        var buffer = await BufferAsync(new());
        Faulty.Then(Faulty.LoseAnswer());
        buffer.TryEnqueue(OperatedMiddleware.Event());

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.Equal(2, Seen.Count);
        Assert.Single(await AcceptedAsync());
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Events_wait_while_the_credential_or_the_address_is_wrong(int status)
    {
        var buffer = await BufferAsync(new(), FaultyService.Refuse(status), FaultyService.Refuse(status));
        buffer.TryEnqueue(OperatedMiddleware.Event());

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.Single(await AcceptedAsync());
        Assert.Empty(_undelivered);
    }

    [Fact]
    public async Task A_batch_has_at_most_8_MiB()
    {
        var buffer = await BufferAsync(new(), FaultyService.Reset);
        var large = OperatedMiddleware.Event() with { Message = "m", Metadata = new JsonObject { ["text"] = new string('x', 3 << 20) } };
        for (var number = 0; number < 6; number++)
        {
            buffer.TryEnqueue(large);
        }

        await buffer.StopAsync(Waiting.Cancellation).InTime();

        Assert.All(Seen, static request => Assert.InRange(request.Body.Length, 1, EventPublisher.MaxBatchBytes));
        Assert.Equal(6, _undelivered.Count);
        Assert.Contains("MAX_EVENT_BYTES", _undelivered.First().Errors!["body"][0], StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => buffer.TryEnqueue(OperatedMiddleware.Event() with { Message = new string('x', EventPublisher.MaxBatchBytes) }));
        Assert.Throws<ArgumentException>(() => buffer.TryEnqueue(OperatedMiddleware.Event() with { IdempotencyKey = "k" }));
    }

    [Fact]
    public void Bounds_that_are_not_valid_are_named() =>
        Assert.Equal(
            "Buffer:Capacity \"0\" is out of range; expected 1 to 1000000\nBuffer:BatchSize \"1001\" is out of range; expected 1 to 1000",
            Assert.Throws<ArgumentException>(() => new EventBuffer(Middleware.Publisher, new() { Capacity = 0, BatchSize = 1_001 })).Message);

    /// <summary>Enqueues all events while the batch before them is under way: then they are one batch.</summary>
    private async Task EnqueueAsOneAsync(EventBuffer buffer, params string[] types)
    {
        buffer.TryEnqueue(OperatedMiddleware.Event("first"));
        await Waiting.Until(() => Seen.Count > 0);
        Enqueue(buffer, types);
        _held.SetResult();
    }

    private static void Enqueue(EventBuffer buffer, params string[] types) => Assert.All(types, type => Assert.True(buffer.TryEnqueue(OperatedMiddleware.Event(type))));

    private static IEnumerable<string> Types(SeenRequest request) => JsonNode.Parse(request.Body)!.AsArray().Select(static one => (string)one!["event_type"]!);

    private async Task<List<string>> AcceptedAsync() =>
        await Client.Events.ListAllAsync(new() { Limit = 1_000 }, Waiting.Cancellation).Select(static item => item.EventType).ToListAsync(Waiting.Cancellation);

    private async Task<EventBuffer> BufferAsync(EventBufferSettings settings, params Func<HttpContext, SeenRequest, Task>[] script)
    {
        settings.OnUndelivered ??= _undelivered.Enqueue;
        return _buffer = new EventBuffer(await PublisherAsync(script), settings, _log.For<EventBuffer>());
    }
}
