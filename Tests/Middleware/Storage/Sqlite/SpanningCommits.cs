using System.Collections.Immutable;
using System.Security.Cryptography;
using Middleware.Accepting;
using Middleware.Endpoints;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Storage.Sqlite;

[Trait("Store", "Any")]
public sealed class SpanningCommits : OnAStage
{
    /// <summary>The most rows of events and deliveries of one transaction, and the rows that may stand beside them.</summary>
    private const long MostRows = 4_100;

    private readonly Tally _sizes;

    public SpanningCommits() => _sizes = new Tally(Stage.Meters, "integration.store.commit.size");

    public override async ValueTask DisposeAsync()
    {
        _sizes.Dispose();
        await base.DisposeAsync();
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_batch_for_many_endpoints_is_kept_in_parts_and_answered_when_all_are()
    {
        var batch = Batch(events: 300, endpoints: 100);

        var result = await Stage.Store.AcceptAsync(batch, null, Waiting.Cancellation);

        Assert.Equal(AcceptKind.Judged, result.Kind);
        Assert.All(result.Events, static routed => Assert.Equal(AcceptOutcome.Accepted, routed.Outcome));
        Assert.Equal(300, Stage.Number("SELECT COUNT(*) FROM events"));
        Assert.Equal(30_000, Stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.InRange(_sizes.Largest, 1, MostRows);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task Others_are_kept_between_the_parts()
    {
        var batch = Stage.Store.AcceptAsync(Batch(events: 1_000, endpoints: 50), null, Waiting.Cancellation).AsTask();
        await Waiting.WithinTheTest(() => Stage.Number("SELECT COUNT(*) FROM events") > 0);
        await Stage.AcceptAsync();
        var last = Stage.Number("SELECT MAX(seq) FROM events e WHERE endpoints = 1");

        await batch;

        Assert.InRange(last, 2, Stage.Number("SELECT MAX(seq) FROM events") - 1);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task One_event_for_thousands_of_endpoints_is_one_commit_that_nothing_else_shares()
    {
        var large = Stage.Store.AcceptAsync(Batch(events: 1, endpoints: 5_000), null, Waiting.Cancellation).AsTask();
        var others = Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Stage.AcceptAsync()));
        await large;
        await others;

        Assert.Equal(5_000, Stage.Number("SELECT COUNT(*) FROM pending WHERE endpoint <> (SELECT no FROM endpoints WHERE id = 'default')"));

        // The event and its deliveries; in a file also the endpoints' numbers, which are new.
        Assert.Equal(1 + 5_000 + (StoreFolder.IsPostgres ? 0 : 5_000), _sizes.Largest);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task The_lanes_have_each_delivery_of_each_part_once_and_in_order()
    {
        Stage.Receiver.Hold();
        var batch = Batch(events: 900, endpoints: 4, first: "default");

        await Stage.Store.AcceptAsync(batch, null, Waiting.Cancellation);
        Stage.Receiver.Release();
        await Stage.UntilDoneAsync();

        Assert.Equal(batch.Select(static routed => routed.Event.Id).Order(), Stage.Receiver.Sent.Select(static sent => sent.Event.Id).Order());
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_second_request_with_the_key_waits_for_all_parts_of_the_first()
    {
        var (first, second) = (Batch(events: 400, endpoints: 50), Batch(events: 400, endpoints: 50));

        var answers = await Task.WhenAll(
            Stage.Store.AcceptAsync(first, Claim(), Waiting.Cancellation).AsTask(), Stage.Store.AcceptAsync(second, Claim(), Waiting.Cancellation).AsTask());

        Assert.Equal((AcceptKind.Judged, AcceptKind.Replayed), (answers[0].Kind, answers[1].Kind));
        Assert.Equal(answers[0].Events, answers[1].Events);
        Assert.Equal(400, Stage.Number("SELECT COUNT(*) FROM events"));
    }

    private static IdempotencyClaim Claim() => new("route", "key", SHA256.HashData("body"u8));

    private static List<RoutedEvent> Batch(int events, int endpoints, string first = "ep_0")
    {
        ImmutableArray<WebhookEndpoint> meant =
            [StoreStage.Endpoint(first), .. Enumerable.Range(1, endpoints - 1).Select(static number => StoreStage.Endpoint($"ep_{number}"))];
        return [.. Enumerable.Range(0, events).Select(place => new RoutedEvent(Made.Event(), meant, place))];
    }
}
