using Tests.Middleware;

namespace Tests.EndToEnd;

[RunsReplicated]
[Trait("Speed", "Slow")]
public sealed class HangingReceiver(HangingReceiver.Impatient fixture) : OnAnAppHost(fixture), IClassFixture<HangingReceiver.Impatient>
{
    private const int QueueSize = 5;

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_try_is_given_up_after_the_time_out_and_made_again()
    {
        await Receiver.MisbehaveAsync("""{"hang":true,"count":1}""");

        var eventId = await AcceptAsync();

        // A slow machine may add a try to the two that there must be, so the count is not asked for.
        await Receiver.AlertAsync(eventId);
        var tries = await Receiver.TriesAsync(eventId);
        Assert.Equal([(1, "hang"), (2, null)], tries.Take(2).Select(static attempt => (attempt.Attempt, attempt.Fault)));
        Assert.Null(tries[0].Answered);
        var first = (await Events.LookWhenEnded(eventId))["attempts"]![0]!;
        Assert.Equal("timeout", (string?)first["reason"]);
        Assert.InRange((double)first["latency_ms"]!, 450, double.MaxValue);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_full_queue_is_answered_with_503_until_what_was_accepted_is_delivered()
    {
        await Receiver.MisbehaveAsync("""{"hang":true}""");
        var (accepted, refused) = await FillAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Waiting.Cancellation))!;
        Assert.Equal((503, "The queue is full."), ((int)problem["status"]!, (string?)problem["title"]));

        await Receiver.BehaveAsync();

        // A delivery has its place in the queue until its outcome is kept.
        foreach (var eventId in accepted)
        {
            await Events.LookWhenEnded(eventId);
        }

        // The one worker delivers this one last, so that nothing else can come: not even the event that was refused.
        var next = await AcceptAsync();
        await Receiver.AlertAsync(next);
        Assert.Equal([.. accepted.Append(next).Order()], (await Receiver.ReceivedAsync()).Distinct().Order());
        refused.Dispose();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_dashboard_shows_why_a_sample_event_is_refused()
    {
        await Receiver.MisbehaveAsync("""{"hang":true}""");
        var (_, refused) = await FillAsync();
        refused.Dispose();

        var result = await Waiting.SeeAsync(() => AppHost.ExecuteAsync("middleware", "send-sample-event"), static result => !result.Success, "it is refused");

        Assert.StartsWith("503 Service Unavailable: ", result.Message, StringComparison.Ordinal);
        Assert.Contains("QUEUE_SIZE", result.Message, StringComparison.Ordinal);
    }

    /// <summary>Posts an event as soon as there is room: another replica hears of free places a moment later.</summary>
    private async Task<string> AcceptAsync() => (await Waiting.SeeAsync(Events.TryAccept, static id => id is not null, "there is room"))!;

    /// <summary>Fills the queue, and gives the first refusal after it. Another replica hears of the events a moment later, and may take more.</summary>
    private async Task<(IReadOnlyList<string> Accepted, HttpResponseMessage Refused)> FillAsync()
    {
        var accepted = new List<string>();
        while (accepted.Count < QueueSize)
        {
            accepted.Add(await AcceptAsync());
        }

        while (true)
        {
            var answer = await Events.PostEventAsync("critical");
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return (accepted, answer);
            }

            accepted.Add(await MiddlewareClient.EventIdAsync(answer));
        }
    }

    /// <summary>Gives a try half a second, and an event so many tries that it blocks its worker until the receiver behaves.</summary>
    public sealed class Impatient() : SharedAppHost(RunningAppHost.MemoryStore, "WORKER_COUNT=1", $"QUEUE_SIZE={QueueSize}", "HTTP_TIMEOUT=500ms", "MAX_RETRIES=10", "BASE_DELAY=20ms");
}
