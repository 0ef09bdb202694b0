using Middleware.Accepting;
using Middleware.Events;
using Middleware.Storage.Sql;
using static SQLitePCL.raw;

namespace Tests.Middleware.Storage.Sqlite;

[Trait("Speed", "Slow")]
public sealed class StalledFlush : OnAStage
{
    private const int PayloadBytes = 250_000;

    private readonly ManualResetEventSlim _flushed = new(initialState: true);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Stage.Receiver.Hold();
        sqlite3_commit_hook(Stage.Writer.Handle, Flush, null);
    }

    public override async ValueTask DisposeAsync()
    {
        _flushed.Set();
        await base.DisposeAsync();
        _flushed.Dispose();
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task What_waits_for_a_disk_that_stalls_is_bounded_and_the_rest_is_refused_and_not_kept()
    {
        var kept = new List<Task<AcceptResult>>();
        var refused = 0;
        await StallAsync(kept);
        for (var number = 0; number < 1_000; number++)
        {
            var accept = AcceptAsync(PayloadBytes);
            if (accept is { IsCompletedSuccessfully: true, Result.Kind: AcceptKind.Busy })
            {
                refused++;
            }
            else
            {
                kept.Add(accept);
            }
        }

        Assert.InRange(kept.Count, 10, AcceptQueue.MostBytes / PayloadBytes);
        Assert.Equal(1_001, kept.Count + refused);

        _flushed.Set();
        Assert.All(await Task.WhenAll(kept).InTime(), static result => Assert.Equal(AcceptKind.Judged, result.Kind));
        Assert.Equal(kept.Count, Stage.Number("SELECT COUNT(*) FROM events"));

        // There is as much room as before.
        Assert.Equal(AcceptKind.Judged, (await AcceptAsync(PayloadBytes).InTime()).Kind);
        Stage.Receiver.Release();
        await Stage.UntilDoneAsync();
        Assert.Equal(kept.Count + 1, Stage.Receiver.Sent.Count);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task Small_events_are_bounded_too()
    {
        var kept = new List<Task<AcceptResult>>();
        await StallAsync(kept);
        Task<AcceptResult> next;
        while (!(next = AcceptAsync(bytes: 1)).IsCompleted)
        {
            kept.Add(next);
        }

        Assert.Equal(AcceptKind.Busy, (await next).Kind);
        Assert.InRange(kept.Count, 10_000, AcceptQueue.MostBytes / 1_000);
        _flushed.Set();
        await Task.WhenAll(kept).InTime();
        Assert.Equal(kept.Count, Stage.Number("SELECT COUNT(*) FROM events"));
    }

    [Fact]
    public void A_request_that_is_larger_than_the_bound_is_taken_when_it_is_alone()
    {
        var routed = new RoutedEvent(Made.Event(), [.. Enumerable.Repeat(StoreStage.Endpoint(), 10_000)]);
        var (large, small) = (new AcceptItem([.. Enumerable.Repeat(routed, 1_000)], null), new AcceptItem([routed], null));
        var queue = new AcceptQueue();

        Assert.InRange(large.Bytes, AcceptQueue.MostBytes + 1, long.MaxValue);
        Assert.True(queue.TryAdd(large));
        Assert.False(queue.TryAdd(small));

        queue.Refuse([large], new StoreUnavailableException("The disk is full."));
        Assert.True(queue.TryAdd(small));
        Assert.False(queue.TryAdd(large));
    }

    [Fact]
    public void Requests_that_keep_nothing_but_an_answer_are_bounded_too()
    {
        var queue = new AcceptQueue();
        var taken = Enumerable.Range(0, 100_000).Count(number => queue.TryAdd(new AcceptItem([], new IdempotencyClaim("route", $"{number}", new byte[32]))));

        Assert.InRange(taken, 10_000, AcceptQueue.MostBytes / 1_000);
    }

    private async Task StallAsync(List<Task<AcceptResult>> kept)
    {
        _flushed.Reset();
        kept.Add(AcceptAsync(bytes: 1));
        await _stalled.Task.InTime();
    }

    private Task<AcceptResult> AcceptAsync(int bytes) => Stage.Store
        .AcceptAsync([new RoutedEvent(Made.Event(payload: new string('x', bytes)), [StoreStage.Endpoint()])], null, Waiting.Cancellation).AsTask();

    private int Flush(object context)
    {
        if (!_flushed.IsSet)
        {
            _stalled.TrySetResult();
            _flushed.Wait();
        }

        return 0;
    }
}
