using Middleware.Delivering;
using Middleware.Endpoints;

namespace Tests.Middleware.Storage.Sqlite;

[Trait("Store", "Any")]
// Full batches only: the time of the test stands still.
public sealed class KeepingBatches() : OnAStage(new StoreStage { Batch = new BatchPlan(5, TimeSpan.FromMinutes(1)) })
{
    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_batch_is_kept_before_it_is_sent_and_gone_with_its_outcome()
    {
        Stage.Receiver.Hold();
        await Stage.AcceptTogetherAsync(20);
        await Waiting.WithinTheTest(() => Stage.Receiver.Sent.Count == 20);
        Assert.Equal(Stage.Receiver.Batches.Select(batch => batch.IdText.ToUpperInvariant()).Order(), Stage.Texts("SELECT hex(id) FROM batches ORDER BY id"));

        Stage.Receiver.Release();
        await Stage.UntilDoneAsync();

        Assert.Equal(0, Stage.Number("SELECT COUNT(*) FROM batches"));
        Assert.Equal(20, Stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(
            Stage.Receiver.Batches.Select(batch => batch.IdText.ToUpperInvariant()).Order(), Stage.Texts("SELECT DISTINCT hex(batch) FROM attempts ORDER BY 1"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task What_travelled_together_does_so_again_after_a_restart_and_what_came_later_does_not_join()
    {
        Stage.Receiver.Hold();
        await Stage.AcceptTogetherAsync(20);
        await Waiting.WithinTheTest(() => Stage.Receiver.Sent.Count == 20);
        var before = Stage.Receiver.Batches.ToDictionary(batch => batch.BatchId!.Value, Members);
        await Stage.AcceptTogetherAsync(10);

        await Stage.CloseAsync();
        Stage.Receiver.Release();
        await Stage.OpenAsync();
        await Stage.UntilDoneAsync();

        var after = Stage.Receiver.Batches.Skip(before.Count).ToDictionary(batch => batch.BatchId!.Value, Members);
        Assert.All(before, batch => Assert.Equal(batch.Value, after[batch.Key]));
        Assert.Equal(30 + 20, Stage.Receiver.Sent.Count);
        Assert.Equal(30, Stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(0, Stage.Number("SELECT COUNT(*) FROM batches"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_batch_goes_as_it_was_to_an_endpoint_that_wants_none_any_more()
    {
        Stage.Receiver.Hold();
        await Stage.AcceptTogetherAsync(5);
        await Waiting.WithinTheTest(() => Stage.Receiver.Sent.Count == 5);
        await Stage.CloseAsync();

        Stage.Batch = null;
        Stage.Receiver.Release();
        await Stage.OpenAsync();
        await Stage.UntilDoneAsync();

        Assert.Equal(2, Stage.Receiver.Batches.Count);
        Assert.Equal((Stage.Receiver.Batches[0].BatchId, Members(Stage.Receiver.Batches[0])), (Stage.Receiver.Batches[1].BatchId, Members(Stage.Receiver.Batches[1])));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task Nothing_is_sent_while_it_cannot_be_kept_and_then_it_is()
    {
        Stage.ExecuteAsWriter("ALTER TABLE batches RENAME TO gone");
        await Stage.AcceptTogetherAsync(5);
        await Waiting.WithinTheTest(() => Stage.Store.Failure is not null);
        Assert.Empty(Stage.Receiver.Sent);

        Stage.ExecuteAsWriter("ALTER TABLE gone RENAME TO batches");
        await Waiting.WithinTheTest(() =>
        {
            Stage.Clock.Advance(TimeSpan.FromSeconds(1));
            return Stage.Receiver.Sent.Count == 5;
        });
        await Stage.UntilDoneAsync();
    }

    private static string Members(Shipment batch) => string.Join(' ', batch.Deliveries.Select(delivery => delivery.Event.IdText));
}
