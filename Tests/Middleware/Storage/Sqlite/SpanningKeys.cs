using System.Collections.Immutable;
using System.Security.Cryptography;
using Middleware.Accepting;
using Middleware.Endpoints;
using static SQLitePCL.raw;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class SpanningKeys : OnAStage
{
    private const int Events = 300;

    private static readonly ImmutableArray<WebhookEndpoint> Meant = [.. Enumerable.Range(0, 50).Select(static number => StoreStage.Endpoint($"ep_{number}"))];

    private int _failFrom = int.MaxValue;
    private int _commits;

    public override async ValueTask InitializeAsync() => await OpenAsync();

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_store_that_fails_between_two_parts_is_answered_event_by_event()
    {
        _failFrom = _commits + 3;
        var batch = Batch();

        var result = await AcceptAsync(batch, null);

        Assert.Equal(AcceptKind.Judged, result.Kind);
        var kept = result.Events.Count(static routed => routed.IsAccepted);
        Assert.InRange(kept, 1, Events - 1);
        Assert.All(result.Events.Skip(kept), static routed => Assert.Equal(AcceptOutcome.StoreUnavailable, routed.Outcome));
        Assert.Equal(Ids(result.Events.Take(kept)), StoredIds());
    }

    [Theory(Timeout = StoreStage.TestLimit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_key_goes_on_where_the_first_request_was_cut_off_and_tells_what_that_kept(bool isRestarted)
    {
        _failFrom = _commits + 3;
        var kept = (await AcceptAsync(Batch(), Claim)).Events.Where(static routed => routed.IsAccepted);
        _failFrom = int.MaxValue;
        if (isRestarted)
        {
            await Stage.CloseAsync();
            await OpenAsync();
        }

        var second = await AcceptUntilWrittenAsync(Batch(), Claim);
        Assert.Equal(AcceptKind.Judged, second.Kind);
        var third = await AcceptAsync(Batch(), Claim);

        Assert.All(second.Events, static routed => Assert.Equal(AcceptOutcome.Accepted, routed.Outcome));
        var keptBefore = second.Events.Where(static routed => routed.IsKeptBefore).ToList();
        Assert.Equal(kept.Select(static routed => (routed.Place, routed.Id)), keptBefore.Select(static routed => (routed.Place, routed.Id)));
        Assert.All(keptBefore, static routed => Assert.Equal("c-1", routed.CorrelationId));
        Assert.Equal(Ids(second.Events), StoredIds());
        Assert.Equal(Events * Meant.Length, Stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.Equal(AcceptKind.Replayed, third.Kind);
        Assert.Equal(second.Events.Select(static routed => routed with { IsKeptBefore = false }), third.Events);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task The_key_of_a_request_that_was_cut_off_is_good_for_no_other_body()
    {
        _failFrom = _commits + 3;
        await AcceptAsync(Batch(), Claim);
        _failFrom = int.MaxValue;

        var result = await AcceptUntilWrittenAsync(Batch(), Claim with { BodyHash = SHA256.HashData("other"u8) });

        Assert.Equal(AcceptKind.KeyReused, result.Kind);
    }

    private async Task OpenAsync()
    {
        await Stage.OpenAsync();
        sqlite3_commit_hook(Stage.Writer.Handle, _ => ++_commits >= _failFrom ? 1 : 0, null);
    }

    private ValueTask<AcceptResult> AcceptAsync(List<RoutedEvent> batch, IdempotencyClaim? claim) => Stage.Store.AcceptAsync(batch, claim, Waiting.Cancellation);

    private async Task<AcceptResult> AcceptUntilWrittenAsync(List<RoutedEvent> batch, IdempotencyClaim claim)
    {
        await Waiting.WithinTheTest(() => Stage.Store.Failure is null);
        return await AcceptAsync(batch, claim);
    }

    private static List<RoutedEvent> Batch() => [.. Enumerable.Range(0, Events).Select(static place => new RoutedEvent(Made.Event(), Meant, place))];

    private static IdempotencyClaim Claim => new("route", "key", SHA256.HashData("body"u8));

    private static IEnumerable<string> Ids(IEnumerable<EventResult> batch) => batch.Select(static routed => routed.Id.ToString("N").ToUpperInvariant()).Order(StringComparer.Ordinal);

    private IEnumerable<string> StoredIds() => Stage.Texts("SELECT hex(id) FROM events ORDER BY 1");
}
