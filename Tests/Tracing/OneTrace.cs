namespace Tests.Tracing;

[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class OneTrace
{
    private const string Correlation = "integration.correlation_id";
    private const string Outcome = "integration.outcome";
    private const string MessageId = "messaging.message.id";

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task One_event_is_one_trace_from_the_client_to_the_receiver()
    {
        await using var services = await TracedServices.StartAsync();
        var trace = new Trace();

        var eventId = await services.PostAsync(trace);
        await services.Receiver.AlertAsync(eventId);
        var spans = (await services.StopAsync()).Where(span => span.TraceId == trace.Id).ToList();

        Assert.Equal(6, spans.Count);
        var server = Assert.Single(spans, span => span is { Kind: SpanKind.Server, Service: "Middleware.Api" });
        var accept = Assert.Single(spans, static span => span.Name == "accept");
        var commit = Assert.Single(spans, static span => span.Name == "commit");
        var deliver = Assert.Single(spans, static span => span.Name == "deliver default");
        var attempt = Assert.Single(spans, static span => span.Name == "POST");
        var receiver = Assert.Single(spans, span => span is { Kind: SpanKind.Server, Service: "ExternalAlerts.Api" });
        Assert.Equal(
            [trace.ClientSpan, server.Id, accept.Id, accept.Id, deliver.Id, attempt.Id],
            new[] { server, accept, commit, deliver, attempt, receiver }.Select(static span => span.Parent));
        Assert.Equal(
            [SpanKind.Producer, SpanKind.Internal, SpanKind.Consumer, SpanKind.Client],
            new[] { accept, commit, deliver, attempt }.Select(static span => span.Kind));
        Assert.All(spans, span => Assert.Equal(trace.CorrelationId, span[Correlation]));
        Assert.All([accept, deliver, attempt], span => Assert.Equal(eventId, span[MessageId]));
        Assert.Equal(["accepted", "delivered", "delivered"], new[] { accept, deliver, attempt }.Select(static span => span[Outcome]));
        Assert.Equal([SpanStatus.Ok, SpanStatus.Ok], new[] { deliver, attempt }.Select(static span => span.Status));
        Assert.Equal("default", deliver["messaging.destination.name"]);
        Assert.True(double.Parse(deliver["integration.wait_ms"]!, null) >= 0);
        Assert.Equal(("POST", "200", "127.0.0.1"), (attempt["http.request.method"], attempt["http.response.status_code"], attempt["server.address"]));
        Assert.True(accept.Time.Start <= commit.Time.Start && commit.Time.End <= accept.Time.End, "The commit is not within accepting.");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_kill_between_accepting_and_delivering_does_not_break_the_trace()
    {
        await using var services = await TracedServices.StartAsync();
        var trace = new Trace();
        await services.Receiver.MisbehaveAsync("""{"hang":true}""");
        var eventId = await services.PostAsync(trace);
        await services.Receiver.TriesAsync(eventId, atLeast: 1);
        var accept = (await services.SpansAsync(trace, "accept")).Single(static span => span.Name == "accept");

        // Before the restart: the next attempt would hang too, and no other follows within the test's time.
        await services.Receiver.BehaveAsync();
        await services.RestartAsync();
        await services.Receiver.AlertAsync(eventId);

        var deliver = (await services.SpansAsync(trace, "deliver")).Single(static span => span.Name == "deliver default");
        Assert.Equal((accept.Id, "delivered"), (deliver.Parent, deliver[Outcome]));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_schedule_s_tries_and_replays_are_in_the_same_trace_and_failed_tries_are_errors()
    {
        await using var services = await TracedServices.StartAsync("MAX_RETRIES=1", "BASE_DELAY=1ms", "REDELIVERY_SCHEDULE=1s");
        var trace = new Trace();
        await services.Receiver.MisbehaveAsync("""{"status":503,"count":2}""");

        var eventId = await services.PostAsync(trace);
        await services.SpansAsync(trace, "deliver", 2);
        await Waiting.SeeAsync(() => services.Events.Get($"events/{eventId}"), static seen => (string?)seen["status"] == "delivered", "it is delivered");
        var replay = await services.Events.Replay(eventId);
        var spans = await services.SpansAsync(trace, "deliver", 3);

        var accept = spans.Single(static span => span.Name == "accept");
        var deliveries = spans.Where(static span => span.Kind == SpanKind.Consumer).OrderBy(static span => span.Time.Start).ToList();
        Assert.All(deliveries, span => Assert.Equal((accept.Id, eventId), (span.Parent, span[MessageId])));
        Assert.Equal(
            [("retry_scheduled", SpanStatus.Error, "http_503"), ("delivered", SpanStatus.Ok, ""), ("delivered", SpanStatus.Ok, "")],
            deliveries.Select(static span => (span[Outcome], span.Status, span.StatusMessage)));
        Assert.Equal([null, null, replay], deliveries.Select(static span => span["integration.replay_id"]));
        var tries = spans.Where(static span => span.Kind == SpanKind.Client).OrderBy(static span => span.Time.Start).ToList();
        Assert.Equal([deliveries[0].Id, deliveries[0].Id, deliveries[1].Id, deliveries[2].Id], tries.Select(static span => span.Parent));
        Assert.Equal([null, "1", "2", "3"], tries.Select(static span => span["http.request.resend_count"]));
        Assert.Equal(
            [("failed", SpanStatus.Error, "http_503", "503"), ("failed", SpanStatus.Error, "http_503", "503"), ("delivered", SpanStatus.Ok, "", null), ("delivered", SpanStatus.Ok, "", null)],
            tries.Select(static span => (span[Outcome], span.Status, span.StatusMessage, span["error.type"])));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_batch_links_to_the_trace_of_each_of_its_events()
    {
        await using var services = await TracedServices.StartAsync();
        var (endpoint, _) = await services.Events.Register(
            $$$"""{"name":"batched","url":"{{{services.AlertsUrl}}}","filter":{"event_types":["batched"]},"batch":{"max_size":3,"max_wait":"1m"}}""");
        Trace[] traces = [new Trace(), new Trace(), new Trace()];
        foreach (var trace in traces)
        {
            await services.PostAsync(trace, "batched");
        }

        var spans = await services.SpansAsync(traces[0], "deliver batch");
        var batch = spans.Single(static span => span.Name.StartsWith("deliver batch", StringComparison.Ordinal));
        var accepts = new List<(string, string)>();
        foreach (var trace in traces)
        {
            accepts.Add((trace.Id, (await services.SpansAsync(trace, "accept")).Single(static span => span.Name == "accept").Id));
        }

        Assert.Equal(accepts, batch.Links);
        Assert.Equal(accepts[0].Item2, batch.Parent);
        Assert.Equal(("3", endpoint, "delivered"), (batch["messaging.batch.message_count"], batch["messaging.destination.name"], batch[Outcome]));
        var attempt = Assert.Single(spans, span => span.Kind == SpanKind.Client && span.Parent == batch.Id);
        Assert.Equal(batch["integration.batch_id"], attempt[Correlation]);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_batch_links_to_more_events_than_OpenTelemetry_s_own_limit()
    {
        const int Events = 200;
        await using var services = await TracedServices.StartAsync();
        await services.Events.Register(
            $$$"""{"name":"batched","url":"{{{services.AlertsUrl}}}","filter":{"event_types":["batched"]},"batch":{"max_size":{{{Events}}},"max_wait":"1m"}}""");
        var trace = new Trace();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("traceparent", trace.Parent);

        var events = string.Join(',', Enumerable.Repeat("""{"source":"tests","event_type":"batched","severity":"high","message":"m"}""", Events));
        using var answer = await http.PostAsync(new Uri(services.Middleware.Address, "/integrations/events/batch"), new StringContent($"[{events}]", null, "application/json"), Waiting.Cancellation);

        Assert.True(answer.IsSuccessStatusCode);
        var spans = await services.SpansAsync(trace, "deliver batch");
        Assert.Equal(Events, spans.Single(static span => span.Name.StartsWith("deliver batch", StringComparison.Ordinal)).Links.Count);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task What_is_not_sampled_has_no_span_and_the_receiver_is_told_so()
    {
        await using var services = await TracedServices.StartAsync();
        var trace = new Trace(Flags: "00");

        var eventId = await services.PostAsync(trace);

        Assert.Equal(trace.Parent, (string?)(await services.Receiver.AlertAsync(eventId))["headers"]!["traceparent"]);
        Assert.DoesNotContain(await services.StopAsync(), span => span.TraceId == trace.Id || span.Kind is SpanKind.Producer or SpanKind.Consumer);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task What_the_sampler_of_the_environment_drops_is_dropped_all_the_way()
    {
        await using var services = await TracedServices.StartAsync("OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0");
        var trace = new Trace();

        var eventId = await services.PostAsync(trace);
        var sent = (string?)(await services.Receiver.AlertAsync(eventId))["headers"]!["traceparent"];
        var own = await services.Events.Accept();
        await services.Receiver.AlertAsync(own);

        Assert.Matches($"^00-{trace.Id}-[0-9a-f]{{16}}-00$", sent);
        Assert.DoesNotContain(await services.StopAsync(), span => span.TraceId == trace.Id || span.Service == "Middleware.Api");
    }
}
