using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Middleware.Domain;
using Middleware.UseCases;
using static SQLitePCL.raw;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class SpanningKeys : IAsyncLifetime
{
    private const int Events = 300;

    private static readonly ImmutableArray<WebhookEndpoint> Meant = [.. Enumerable.Range(0, 50).Select(static number => StoreStage.Endpoint($"ep_{number}"))];

    private readonly StoreStage _stage = new();
    private int _failFrom = int.MaxValue;
    private int _commits;

    public async ValueTask InitializeAsync() => await OpenAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_store_that_fails_between_two_parts_is_answered_event_by_event()
    {
        _failFrom = _commits + 3;
        var batch = Batch();

        var result = await AcceptAsync(batch, null);

        Assert.Equal(AcceptKind.Judged, result.Kind);
        var kept = batch.Count(static routed => routed.Outcome == AcceptOutcome.Accepted);
        Assert.InRange(kept, 1, Events - 1);
        Assert.All(batch.Skip(kept), static routed => Assert.Equal(AcceptOutcome.StoreUnavailable, routed.Outcome));
        Assert.Equal(Ids(batch.Take(kept)), StoredIds());
    }

    [Theory(Timeout = StoreStage.TestLimit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_key_goes_on_where_the_first_request_was_cut_off_and_tells_what_that_kept(bool isRestarted)
    {
        _failFrom = _commits + 3;
        var first = Batch();
        await AcceptAsync(first, Claim(first));
        var kept = first.FindAll(static routed => routed.Outcome == AcceptOutcome.Accepted);
        _failFrom = int.MaxValue;
        if (isRestarted)
        {
            await _stage.CloseAsync();
            await OpenAsync();
        }

        var second = Batch();
        var result = await AcceptUntilWrittenAsync(second, Claim(second));
        Assert.Equal(AcceptKind.Judged, result.Kind);
        var third = await AcceptAsync(Batch(), Claim(second));

        Assert.All(second, static routed => Assert.Equal(AcceptOutcome.Accepted, routed.Outcome));
        Assert.Equal(kept.Select(static routed => (routed.Place, routed.Id)), second.Where(static routed => routed.KeptBefore is not null).Select(static routed => (routed.Place, routed.Id)));
        Assert.All(second.Where(static routed => routed.KeptBefore is not null), static routed => Assert.Equal("c-1", routed.CorrelationId));
        Assert.Equal(Ids(second), StoredIds());
        Assert.Equal(Events * Meant.Length, _stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.Equal((AcceptKind.Replayed, Answer(second)), (third.Kind, Encoding.UTF8.GetString(third.FirstAnswer.Span)));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task The_key_of_a_request_that_was_cut_off_is_good_for_no_other_body()
    {
        _failFrom = _commits + 3;
        var first = Batch();
        await AcceptAsync(first, Claim(first));
        _failFrom = int.MaxValue;

        var other = Batch();
        var result = await AcceptUntilWrittenAsync(other, Claim(other) with { BodyHash = SHA256.HashData("other"u8) });

        Assert.Equal(AcceptKind.KeyReused, result.Kind);
    }

    private async Task OpenAsync()
    {
        await _stage.OpenAsync();
        sqlite3_commit_hook(_stage.Writer.Handle, _ => ++_commits >= _failFrom ? 1 : 0, null);
    }

    private ValueTask<AcceptResult> AcceptAsync(List<RoutedEvent> batch, IdempotencyClaim? claim) => _stage.Store.AcceptAsync(batch, claim, Waiting.Cancellation);

    private async Task<AcceptResult> AcceptUntilWrittenAsync(List<RoutedEvent> batch, IdempotencyClaim claim)
    {
        await StoreStage.UntilAsync(() => _stage.Store.Failure is null);
        return await AcceptAsync(batch, claim);
    }

    private static List<RoutedEvent> Batch() => [.. Enumerable.Range(0, Events).Select(static place => new RoutedEvent(Made.Event(), Meant) { Place = place })];

    private static IdempotencyClaim Claim(List<RoutedEvent> batch) => new("route", "key", SHA256.HashData("body"u8), () => Encoding.UTF8.GetBytes(Answer(batch)));

    private static string Answer(List<RoutedEvent> batch) => string.Join(' ', batch.Select(static routed => routed.Id));

    private static IEnumerable<string> Ids(IEnumerable<RoutedEvent> batch) => batch.Select(static routed => routed.Id.ToString("N").ToUpperInvariant()).Order(StringComparer.Ordinal);

    private IEnumerable<string> StoredIds() => _stage.Texts("SELECT hex(id) FROM events ORDER BY 1");
}
