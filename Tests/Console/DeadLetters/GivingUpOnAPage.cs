using AspireIntegration.Client.Operating;
using AspireIntegration.Console.DeadLetters;
using Bunit;
using Tests.Middleware;
using Tests.Middleware.Callers;

namespace Tests.Console.DeadLetters;

/// <summary>The page of dead letters.</summary>
public sealed class GivingUpOnAPage : IAsyncDisposable
{
    private readonly OperatedConsole _console = new();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("since=yesterday", "since", "\"yesterday\" is not accepted; expected a time such as 2026-01-31T12:00Z, or a duration such as 15m or 1h before now")]
    [InlineData("state=rest", "state", "\"rest\" is not accepted; expected resting, queued, discarded, handed_over, erased, expired")]
    [InlineData("endpoint_id=a", "endpoint_id", "is no condition of this page; expected endpoint, reason, state, since, cursor")]
    [InlineData("reason=http_400&reason=http_404", "reason", "is given 2 times; expected once")]
    public async Task A_condition_that_is_none_shows_nothing_that_could_be_replayed(string query, string field, string fault)
    {
        await FailAsync(1);

        var page = await _console.OpenAsync<DeadLetterList>($"/dead-letters?{query}");

        page.Sees($"{field} {fault}");
        Assert.Null(page.Button("Replay all that match …"));
        Assert.Empty(page.FindAll("table"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task All_that_match_are_counted_before_they_are_discarded_and_no_others_are()
    {
        await FailAsync(2);
        var page = await _console.OpenAsync<DeadLetterList>("/dead-letters?reason=http_400");

        await page.Press("Discard all that match …");
        page.Sees("2 dead letters match: reason http_400");
        await FailAsync(1, status: 404);
        await page.Press("Discard 2 dead letters");
        await _console.Keyed.Service.Passing(() => Task.FromResult(page.Text().Contains("Completed: 2 dead letters discarded", StringComparison.Ordinal)));
        await page.Press("Close");

        page.Sees("By reason: 0 dead letters");
        var left = Assert.Single((await _console.Admin.DeadLetters.ListAsync(cancellationToken: Waiting.Cancellation)).Items);
        Assert.Equal("http_404", left.Reason);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_pace_that_is_none_is_named_and_nothing_begins()
    {
        await FailAsync(1);
        var page = await _console.OpenAsync<DeadLetterList>("/dead-letters");
        await page.Press("Replay all that match …");
        await page.WaitForElement("#bulk-rate").ChangeAsync(new() { Value = "0.5" });

        await page.Press("Replay 1 dead letter");

        page.Sees("rate_per_second \"0.5\" is no whole number; expected one such as 10");
        Assert.Empty((await _console.Admin.Replays.ListAsync(cancellationToken: Waiting.Cancellation)).Items);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_selection_alone_is_replayed()
    {
        await FailAsync(3);
        var page = await _console.OpenAsync<DeadLetterList>("/dead-letters");
        var chosen = page.Rows(4)[2].QuerySelector("input")!;
        var id = chosen.GetAttribute("aria-label")!["Select ".Length..];
        _console.Keyed.Service.Receiver.Status = 200;

        await chosen.ChangeAsync(new() { Value = true });
        await page.Press("Replay 1 selected …");
        page.Sees("1 dead letter matches.");
        await page.Press("Replay 1 dead letter");
        await _console.Keyed.Service.Passing(async () => (await _console.Admin.DeadLetters.ListAsync(cancellationToken: Waiting.Cancellation)).Items.Count == 2);

        Assert.DoesNotContain((await _console.Admin.DeadLetters.ListAsync(cancellationToken: Waiting.Cancellation)).Items, item => item.DeliveryId == id);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task One_is_discarded_after_a_question_alone()
    {
        await FailAsync(1);
        var id = Assert.Single((await _console.Admin.DeadLetters.ListAsync(cancellationToken: Waiting.Cancellation)).Items).DeliveryId;
        var page = await _console.OpenAsync<DeadLetterList>("/dead-letters");

        await page.Press($"Discard {id}");
        await page.Press("Leave it");
        Assert.Equal(DeadLetterState.Resting, (await _console.Admin.DeadLetters.GetAsync(id, Waiting.Cancellation)).State);
        await page.Press($"Discard {id}");
        await page.Press("Discard");

        page.Sees($"{id} is discarded.");
        Assert.Equal(DeadLetterState.Discarded, (await _console.Admin.DeadLetters.GetAsync(id, Waiting.Cancellation)).State);
    }

    private async Task FailAsync(int count, int status = 400)
    {
        _console.Keyed.Service.Receiver.Status = status;
        for (var number = 0; number < count; number++)
        {
            (await _console.Keyed.PostEvent(KeyedService.AdminKey, "shop")).Dispose();
        }

        await Waiting.Until(() => _console.Keyed.Service.WaitsInAll == 0);
    }
}
