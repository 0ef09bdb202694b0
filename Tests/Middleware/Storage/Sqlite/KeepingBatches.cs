using Middleware.Delivering;
using Middleware.Endpoints;

namespace Tests.Middleware.Storage.Sqlite;

[Trait("Store", "Any")]
public sealed class KeepingBatches : IAsyncLifetime
{
    // Full batches only: the time of the test stands still.
    private readonly StoreStage _stage = new() { Batch = new BatchPlan(5, TimeSpan.FromMinutes(1)) };

    public async ValueTask InitializeAsync() => await _stage.OpenAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_batch_is_kept_before_it_is_sent_and_gone_with_its_outcome()
    {
        _stage.Receiver.Hold();
        await _stage.AcceptTogetherAsync(20);
        await Waiting.WithinTheTest(() => _stage.Receiver.Sent.Count == 20);
        Assert.Equal(_stage.Receiver.Batches.Select(batch => batch.IdText.ToUpperInvariant()).Order(), _stage.Texts("SELECT hex(id) FROM batches ORDER BY id"));

        _stage.Receiver.Release();
        await _stage.UntilDoneAsync();

        Assert.Equal(0, _stage.Number("SELECT COUNT(*) FROM batches"));
        Assert.Equal(20, _stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(
            _stage.Receiver.Batches.Select(batch => batch.IdText.ToUpperInvariant()).Order(), _stage.Texts("SELECT DISTINCT hex(batch) FROM attempts ORDER BY 1"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task What_travelled_together_does_so_again_after_a_restart_and_what_came_later_does_not_join()
    {
        _stage.Receiver.Hold();
        await _stage.AcceptTogetherAsync(20);
        await Waiting.WithinTheTest(() => _stage.Receiver.Sent.Count == 20);
        var before = _stage.Receiver.Batches.ToDictionary(batch => batch.BatchId!.Value, Members);
        await _stage.AcceptTogetherAsync(10);

        await _stage.CloseAsync();
        _stage.Receiver.Release();
        await _stage.OpenAsync();
        await _stage.UntilDoneAsync();

        var after = _stage.Receiver.Batches.Skip(before.Count).ToDictionary(batch => batch.BatchId!.Value, Members);
        Assert.All(before, batch => Assert.Equal(batch.Value, after[batch.Key]));
        Assert.Equal(30 + 20, _stage.Receiver.Sent.Count);
        Assert.Equal(30, _stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(0, _stage.Number("SELECT COUNT(*) FROM batches"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_batch_goes_as_it_was_to_an_endpoint_that_wants_none_any_more()
    {
        _stage.Receiver.Hold();
        await _stage.AcceptTogetherAsync(5);
        await Waiting.WithinTheTest(() => _stage.Receiver.Sent.Count == 5);
        await _stage.CloseAsync();

        _stage.Batch = null;
        _stage.Receiver.Release();
        await _stage.OpenAsync();
        await _stage.UntilDoneAsync();

        Assert.Equal(2, _stage.Receiver.Batches.Count);
        Assert.Equal((_stage.Receiver.Batches[0].BatchId, Members(_stage.Receiver.Batches[0])), (_stage.Receiver.Batches[1].BatchId, Members(_stage.Receiver.Batches[1])));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task Nothing_is_sent_while_it_cannot_be_kept_and_then_it_is()
    {
        _stage.ExecuteAsWriter("ALTER TABLE batches RENAME TO gone");
        await _stage.AcceptTogetherAsync(5);
        await Waiting.WithinTheTest(() => _stage.Store.Failure is not null);
        Assert.Empty(_stage.Receiver.Sent);

        _stage.ExecuteAsWriter("ALTER TABLE gone RENAME TO batches");
        await Waiting.WithinTheTest(() =>
        {
            _stage.Clock.Advance(TimeSpan.FromSeconds(1));
            return _stage.Receiver.Sent.Count == 5;
        });
        await _stage.UntilDoneAsync();
    }

    private static string Members(Shipment batch) => string.Join(' ', batch.Deliveries.Select(delivery => delivery.Event.IdText));
}
