using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Sqlite;

/// <summary>Each failed try is recorded when it fails, and what is left of the fast tier goes on over restarts.</summary>
[Trait("Store", "Any")]
public sealed class RecordingTries : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly StoreStage _stage = new()
    {
        Retries = new RetryPlan(TimeSpan.FromSeconds(3), MaxRetries: 3, Pause),
        Receiver = { Answer = static _ => Made.Failed() },
    };

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_failed_try_is_known_before_the_next_one()
    {
        await _stage.OpenAsync();
        var id = await _stage.AcceptAsync();
        await Attempts(1);

        using var history = new SqlHistory(_stage.Store);
        var found = (await history.FindEventAsync(id, Waiting.Cancellation))!;
        var delivery = Assert.Single(found.Deliveries);
        Assert.Equal((DeliveryStatus.Pending, 1), (delivery.Status, delivery.Attempts));
        Assert.Equal((1, "http_500"), (found.Attempts.Single().Attempt.Number, found.Attempts.Single().Attempt.Reason));
        Assert.Equal(1, _stage.Store.Waiting(EndpointId.Default));
        Assert.Equal(TestClock.Noon, _stage.Store.FailingSince(EndpointId.Default));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task Numbers_tries_and_pauses_go_on_over_restarts()
    {
        await _stage.OpenAsync();
        await _stage.AcceptAsync();
        foreach (var tried in Enumerable.Range(1, 3))
        {
            await Attempts(tried);
            await _stage.CloseAsync();
            Assert.Equal(1, _stage.Number($"SELECT COUNT(*) FROM pending WHERE tries = {tried}"));
            await _stage.OpenAsync();

            // The pause is 10, 20 and 40 s: nothing is sent while it lasts.
            var pause = Pause * Math.Pow(2, tried - 1);
            _stage.Clock.Advance(pause - TimeSpan.FromSeconds(1));
            await _stage.CloseAsync();
            Assert.Equal(tried, _stage.Receiver.Sent.Count);
            await _stage.OpenAsync();
            _stage.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await _stage.UntilDoneAsync();
        Assert.Equal(4, _stage.Receiver.Sent.Count);
        Assert.Equal([0, 1, 2, 3], _stage.Receiver.Sent.Select(sent => sent.AttemptsBefore));
        Assert.Equal(["1", "2", "3", "4"], _stage.Texts("SELECT CAST(number AS TEXT) FROM attempts ORDER BY number"));
        Assert.Equal(1, _stage.Number("SELECT COUNT(*) FROM dead_letters WHERE failures = 1"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_batch_goes_on_as_it_was_with_its_numbers_and_its_id()
    {
        _stage.Batch = new BatchPlan(3, TimeSpan.FromMinutes(1));
        await _stage.OpenAsync();
        await _stage.AcceptTogetherAsync(3);
        await Attempts(3);
        await _stage.CloseAsync();

        _stage.Receiver.Answer = static _ => Made.Delivered();
        await _stage.OpenAsync();
        _stage.Clock.Advance(Pause);
        await _stage.UntilDoneAsync();

        Assert.Equal(_stage.Receiver.Batches[0].BatchId, _stage.Receiver.Batches[1].BatchId);
        Assert.Equal([1, 2], _stage.Receiver.Batches.Select(batch => batch.NextNumber));
        Assert.Equal(3, _stage.Number("SELECT COUNT(*) FROM attempts WHERE number = 2 AND reason IS NULL"));
        Assert.Equal(0, _stage.Number("SELECT COUNT(*) FROM batches"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_retry_of_a_dead_letter_goes_on_with_the_numbers_of_the_first()
    {
        _stage.Retries = Made.Once;
        await _stage.OpenAsync();
        await _stage.AcceptAsync();
        await _stage.UntilDoneAsync();
        _stage.Execute("UPDATE dead_letters SET next_retry_at = 0");
        Assert.Equal(1, await _stage.Store.QueueDueAsync(_stage.Clock.GetUtcNow(), 10, Waiting.Cancellation));
        await Attempts(2);

        Assert.Equal(["1", "2"], _stage.Texts("SELECT CAST(number AS TEXT) FROM attempts ORDER BY number"));
        Assert.Equal(1, _stage.Number("SELECT COUNT(*) FROM dead_letters WHERE failures = 2"));
    }

    private Task Attempts(int count) => Waiting.WithinTheTest(() => _stage.Number("SELECT COUNT(*) FROM attempts") == count);
}
