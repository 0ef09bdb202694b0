using System.Globalization;
using Tests.Middleware;

namespace Tests.EndToEnd;

[RunsReplicated]
[Trait("Speed", "Slow")]
public sealed class DeliveringEvents(DeliveringEvents.OneWorker fixture) : OnAnAppHost(fixture), IClassFixture<DeliveringEvents.OneWorker>
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_is_accepted_and_arrives_with_its_ids_its_priority_and_its_headers()
    {
        var before = TimeProvider.System.GetUtcNow();
        using var answer = await Events.PostAsync(
            """
            {
                "source": "monitoring-system",
                "event_type": "server_down",
                "severity": "critical",
                "message": "Production server is not responding",
                "metadata": { "server_id": "prod-web-01", "region": "us-east-1" }
            }
            """);

        var accepted = await MiddlewareClient.AcceptedAsync(answer);
        var (eventId, correlationId) = ((string)accepted["event_id"]!, (string)accepted["correlation_id"]!);
        Assert.Equal(["status", "event_id", "correlation_id"], accepted.AsObject().Select(static member => member.Key));
        Assert.Equal("accepted", (string?)accepted["status"]);
        Assert.Matches("^[0-9a-f]{32}$", eventId);
        Assert.Matches("^[0-9a-f]{32}$", correlationId);
        Assert.Equal([correlationId], answer.Headers.GetValues("X-Correlation-ID"));

        var received = await Receiver.AlertAsync(eventId);
        Assert.Equal(correlationId, (string?)received["correlation_id"]);
        Assert.Equal(1, (int?)received["attempt"]);

        var alert = received["alert"]!;
        var timestamp = (DateTimeOffset)alert["timestamp"]!;
        Assert.InRange(timestamp, before - Tolerance, TimeProvider.System.GetUtcNow() + Tolerance);
        Assert.EndsWith("Z", (string?)alert["timestamp"], StringComparison.Ordinal);
        Answers.SameJson(
            $$"""
            {
                "event_id": "{{eventId}}",
                "correlation_id": "{{correlationId}}",
                "source": "monitoring-system",
                "event_type": "server_down",
                "priority": "critical",
                "severity": "critical",
                "message": "Production server is not responding",
                "metadata": { "server_id": "prod-web-01", "region": "us-east-1" },
                "timestamp": "{{(string?)alert["timestamp"]}}"
            }
            """,
            alert.ToJsonString());

        var headers = received["headers"]!;
        Assert.Equal(eventId, (string?)headers["webhook-id"]);
        Assert.Equal("application/json", (string?)headers["content-type"]);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", (string?)headers["traceparent"]);
        Assert.Matches(@"^AspireIntegration/\d+\.\d+\.\d+", (string?)headers["user-agent"]);
        Assert.InRange(
            long.Parse((string)headers["webhook-timestamp"]!, CultureInfo.InvariantCulture),
            timestamp.ToUnixTimeSeconds(),
            TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Metadata_arrives_byte_for_byte()
    {
        const string Metadata = """{ "n":1.50e+2,"big":123456789012345678901234567890, "text":"\u00e9 é \/","none":null,"deep":[[ ]] }""";

        using var answer = await Events.PostAsync(
            $$"""{"source":"tests","event_type":"tested","severity":"info","message":"exact","metadata":{{Metadata}}}""");

        await Receiver.AlertAsync(await MiddlewareClient.EventIdAsync(answer));
        Assert.Contains($"\"metadata\":{Metadata},\"timestamp\":", await Receiver.ListAsync(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_client_s_correlation_id_and_trace_go_through_to_the_receiver()
    {
        const string CorrelationId = "Order-4711_retry.2";
        const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

        using var answer = await Events.PostAsync(
            """{"source":"tests","event_type":"tested","severity":"info","message":"correlated"}""",
            $"X-Correlation-ID: {CorrelationId}",
            $"traceparent: 00-{TraceId}-00f067aa0ba902b7-01");

        var accepted = await MiddlewareClient.AcceptedAsync(answer);
        Assert.Equal(CorrelationId, (string?)accepted["correlation_id"]);
        Assert.Equal([CorrelationId], answer.Headers.GetValues("X-Correlation-ID"));
        var received = await Receiver.AlertAsync((string)accepted["event_id"]!);
        Assert.Equal(CorrelationId, (string?)received["correlation_id"]);
        Assert.Equal(CorrelationId, (string?)received["alert"]!["correlation_id"]);
        Assert.StartsWith($"00-{TraceId}-", (string?)received["headers"]!["traceparent"], StringComparison.Ordinal);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_receiver_that_answers_503_is_tried_again_after_half_a_second_and_after_a_second()
    {
        await Receiver.MisbehaveAsync("""{"status":503,"count":2}""");

        var eventId = await Events.Accept();

        await Receiver.AlertAsync(eventId);
        var tries = await AllTriesAsync(eventId);
        Assert.Equal([(1, 503), (2, 503), (3, 200)], tries.Select(static attempt => (attempt.Attempt, attempt.Answered)));

        // By the middleware's own times: the receiver may note a request late.
        var attempts = (await Events.LookWhenEnded(eventId))["attempts"]!.AsArray().Select(static attempt => attempt!).ToList();
        var pauses = attempts.Zip(attempts.Skip(1), static (before, after) =>
            (DateTimeOffset)after["started_at"]! - (DateTimeOffset)before["started_at"]! - TimeSpan.FromMilliseconds((double)before["latency_ms"]!)).ToList();
        Assert.InRange(pauses[0], TimeSpan.FromMilliseconds(500) - Tolerance, TimeSpan.MaxValue);
        Assert.InRange(pauses[1], TimeSpan.FromSeconds(1) - Tolerance, TimeSpan.MaxValue);
        Assert.Equal(3, (int?)(await Receiver.AlertAsync(eventId))["attempt"]);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_answered_with_400_is_tried_once_and_the_next_one_is_delivered()
    {
        await Receiver.MisbehaveAsync("""{"status":400,"count":1}""");

        var refused = await Events.Accept();
        var next = await Events.Accept();

        await Receiver.AlertAsync(next);
        Assert.Equal([(1, 400)], (await AllTriesAsync(refused)).Select(static attempt => (attempt.Attempt, attempt.Answered)));
        Assert.DoesNotContain(refused, await Receiver.ReceivedAsync());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_dropped_connection_is_tried_again()
    {
        await Receiver.MisbehaveAsync("""{"drop":true,"count":1}""");

        var eventId = await Events.Accept();

        await Receiver.AlertAsync(eventId);
        Assert.Equal([(1, "drop", null), (2, null, 200)], (await AllTriesAsync(eventId)).Select(static attempt => (attempt.Attempt, attempt.Fault, attempt.Answered)));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task What_waits_is_delivered_by_priority_and_then_by_age()
    {
        await Receiver.MisbehaveAsync("""{"status":503}""");
        var blocking = await Events.Accept("low");
        await Receiver.TriesAsync(blocking, atLeast: 1);

        List<string> waiting = [];
        foreach (var severity in (string[])["info", "debug", "Warning", "ERROR", "fatal", "critical"])
        {
            waiting.Add(await Events.Accept(severity));
        }

        await Receiver.BehaveAsync();

        var received = await Waiting.SeeAsync(Receiver.ReceivedAsync, ids => ids.Length >= 7, "all seven are received");
        Assert.Equal([blocking, waiting[4], waiting[5], waiting[3], waiting[2], waiting[0], waiting[1]], received);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_finds_the_receiver_by_its_name_whatever_its_port()
    {
        Assert.NotEqual(8080, AppHost.EndpointOf("middleware").Port);
        Assert.NotEqual(8081, AppHost.EndpointOf("external-alerts").Port);

        await Receiver.AlertAsync(await Events.Accept());
    }

    /// <summary>The tries of an event that will get no more: its worker is the only one and has delivered another event after it.</summary>
    private async Task<AlertTry[]> AllTriesAsync(string eventId)
    {
        await Receiver.AlertAsync(await Events.Accept());
        return await Receiver.TriesAsync(eventId);
    }

    /// <summary>Tries long and often, so that no slow machine adds or ends tries; the pauses are the default ones.</summary>
    public sealed class OneWorker() : SharedAppHost(RunningAppHost.MemoryStore, "WORKER_COUNT=1", "HTTP_TIMEOUT=1m", "MAX_RETRIES=10");
}
