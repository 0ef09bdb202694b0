namespace Tests.EndToEnd;

[RunsReplicated]
[Trait("Speed", "Slow")]
public sealed class TryingAgainLater(TryingAgainLater.OneTry fixture) : OnAnAppHost(fixture), IClassFixture<TryingAgainLater.OneTry>
{
    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("""{"status":503}""", "http_503", 503)]
    [InlineData("""{"drop":true}""", "connection_reset", null)]
    public async Task An_event_that_met_a_receiver_in_trouble_is_delivered_by_the_schedule_when_it_is_well_again(string fault, string reason, int? status)
    {
        await Receiver.MisbehaveAsync(fault);
        var before = TimeProvider.System.GetUtcNow();
        var eventId = await Events.Accept();

        // Between two tries it rests, and it is seen in one of twenty such pauses.
        var deadLetters = await Waiting.SeeAsync(DeadLettersAsync, static items => items is [var only] && only["next_retry_at"] is not null, "it is a dead letter with a next try");
        var deadLetter = deadLetters.Single();
        Assert.Equal((eventId, reason, "resting"), ((string?)deadLetter["event_id"], (string?)deadLetter["reason"], (string?)deadLetter["state"]));
        Assert.True((DateTimeOffset)deadLetter["next_retry_at"]! > before);
        await Receiver.TriesAsync(eventId, atLeast: 2);
        await Receiver.BehaveAsync();

        await Receiver.AlertAsync(eventId);
        var seen = await Waiting.SeeAsync(() => Events.Get($"events/{eventId}"), static seen => (string?)seen["status"] == "delivered", "it is shown as delivered");
        var attempts = seen["attempts"]!.AsArray().Select(static attempt => attempt!).ToArray();
        Assert.InRange(attempts.Length, 3, 21);
        Assert.Equal(Enumerable.Range(1, attempts.Length), attempts.Select(static attempt => (int)attempt["number"]!));
        Assert.All(attempts[..^1], attempt => Assert.Equal((reason, status), ((string?)attempt["reason"], (int?)attempt["status_code"])));
        Assert.Equal((null, 200), ((string?)attempts[^1]["reason"], (int?)attempts[^1]["status_code"]));
        Assert.Equal(Enumerable.Range(1, attempts.Length), (await Receiver.TriesAsync(eventId)).Select(static attempt => attempt.Attempt));
        Assert.Empty(await DeadLettersAsync());
    }

    private async Task<JsonNode[]> DeadLettersAsync() => [.. (await Events.Get("dead-letters"))["items"]!.AsArray().Select(static item => item!)];

    /// <summary>Leaves all tries after the first to the slow tier, whose later pauses are there for a slow machine only.</summary>
    public sealed class OneTry() : SharedAppHost("HTTP_TIMEOUT=1m", "MAX_RETRIES=0", $"REDELIVERY_SCHEDULE={string.Join(',', [.. Enumerable.Repeat("1s", 4), .. Enumerable.Repeat("5s", 16)])}");
}
