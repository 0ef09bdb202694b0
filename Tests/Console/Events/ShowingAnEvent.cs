using AspireIntegration.Console.Events;
using Bunit;
using Tests.Middleware;
using Tests.Middleware.Callers;

namespace Tests.Console.Events;

/// <summary>The page of one event: why it went where, what came of each attempt, and what can be done with it.</summary>
public sealed class ShowingAnEvent
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Each_delivery_has_its_state_and_its_attempts_with_their_answers()
    {
        await using var service = new MiddlewareService();
        var id = await service.AcceptAnswered(503);
        await using var console = await OpenConsole.Of(service);

        var page = Open(console, id);

        page.Sees("Status dead letter");
        page.Sees("Given up http_503");
        page.Sees("Attempt 1 failed HTTP 503 in 12.5 ms, now");
        page.Sees("http_503 HTTP status 503");
        Assert.Equal("{\"seen\":true}", page.Find(".timeline details pre").TextContent);
        Assert.Equal("/dead-letters?endpoint=default&reason=http_503", page.FindAll(".facts a").Select(static link => link.GetAttribute("href")).Single(static link => link!.StartsWith("/dead", StringComparison.Ordinal)));
        Assert.Contains(page.FindAll("a"), static link => link.GetAttribute("href") == "/events?correlation=c-1");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Each_endpoint_has_the_parts_of_its_filter_that_hold()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        await service.Create("""{"name":"all","url":"http://receiver.test/a"}""");
        await service.Create("""{"name":"other types","url":"http://receiver.test/b","filter":{"event_types":["x"],"expression":"missing = 1"}}""");
        var id = await service.Accept();
        await using var console = await OpenConsole.Of(service);

        var page = Open(console, id);

        var rows = page.Rows(2).Select(static row => row.Children.Select(static cell => OpenPages.Texts(cell)).ToArray()).ToList();
        Assert.Contains(rows, static row => row is ["all", "matches", "holds", "holds", "holds", "holds"]);
        Assert.Contains(rows, static row => row is ["other types", "does not match", "does not hold", "holds", "holds", "does not hold missing attribute at character 0: the event has no attribute missing"]);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("")]
    [InlineData(@",""half"":""\ud800""")]
    public async Task The_payload_is_text_without_effect(string more)
    {
        await using var service = MiddlewareService.InMemory();
        var body = $$"""{"source":"<script>alert(1)</script>","event_type":"made","severity":"low","message":"\u001b[31m red \u202e turned","metadata":{"word":"{{new string('w', 65_536)}}"{{more}} } }""";
        using var accepted = await service.PostEvent(body);
        var id = await MiddlewareClient.EventIdAsync(accepted);
        await using var console = await OpenConsole.Of(service);

        var page = Open(console, id);
        page.Sees("Accepted");

        Assert.Empty(page.FindAll("script"));
        var payload = page.FindAll("pre")[^1].TextContent;
        Assert.Contains("<script>alert(1)</script>", payload, StringComparison.Ordinal);
        Assert.Contains(new string('w', 65_536), payload, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', payload);
        Assert.DoesNotContain('\u001b', payload);
        Assert.Contains("\\u202e turned", payload, StringComparison.OrdinalIgnoreCase);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Without_the_scope_the_page_says_why_payload_answers_and_verdicts_are_not_there()
    {
        await using var keyed = new KeyedService();
        using var accepted = await keyed.PostEvent(KeyedService.AdminKey);
        var id = await MiddlewareClient.EventIdAsync(accepted);
        await keyed.Service.Recorded();
        await using var console = await OpenConsole.Of(keyed, "events:read");

        var page = Open(console, id);

        page.Sees("The answer is shown to those with the scope payloads:read");
        page.Sees("The verdicts of filters are shown to those with the scope payloads:read");
        page.Sees("It is shown to those with the scope payloads:read.");
        Assert.Empty(page.FindAll("fluent-button"));
        Assert.Null(page.Button("Copy as curl (request)"));
        Assert.Empty(page.FindAll(".fault"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_replay_to_all_or_to_one_endpoint_is_confirmed_and_its_result_is_shown()
    {
        await using var service = new MiddlewareService();
        await service.Create("""{"name":"pager","url":"http://receiver.test/a"}""");
        var id = await service.AcceptAnswered(200);
        await using var console = await OpenConsole.Of(service);
        var page = Open(console, id);

        await page.Press("Replay to all");
        page.Sees("The event will be delivered again to 2 endpoints; those that have it get it once more.");
        await page.Press("Replay to 2 endpoints");
        page.Sees(": 2 deliveries queued.");
        await Waiting.Until(() => service.Receiver.Sent.Count == 4 && service.WaitsInAll == 0);

        await page.Press("Replay to this one: pager");
        await page.Press("Replay to it");
        page.Sees(": 1 delivery queued.");
        await Waiting.Until(() => service.Receiver.Sent.Count == 5);
        Assert.NotEqual("default", service.Receiver.Sent[^1].EndpointId.Value);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_that_is_pending_is_read_until_it_is_delivered()
    {
        await using var service = new MiddlewareService();
        service.Receiver.Hold();
        var id = await service.Accept();
        await using var console = await OpenConsole.Of(service);
        var page = Open(console, id);
        page.Sees("Status pending");

        service.Receiver.Release();
        await service.UntilStatus(id, "delivered");
        console.Clock.Advance(TimeSpan.FromSeconds(2));

        page.Sees("Status delivered");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_erasure_says_what_is_lost_and_is_confirmed()
    {
        await using var service = new MiddlewareService();
        var id = await service.AcceptAnswered(200);
        await using var console = await OpenConsole.Of(service);
        var page = Open(console, id);

        await page.Press("Erase");
        page.Sees("Its payload and the answers to 1 attempt will be lost for good. 0 deliveries that wait are not sent. It cannot be undone.");
        await page.Press("Leave it");
        Assert.Equal("delivered", (string?)(await service.Get($"/api/v1/events/{id}"))["status"]);
        await page.Press("Erase");
        await page.Press("Erase this event");

        page.Sees("The event is erased: its payload and the answers of receivers are gone.");
        page.Sees("Status erased");
        page.Sees("It was erased.");
        Assert.Null(page.Button("Replay to all"));
        Assert.Null(page.Button("Erase"));
        Assert.Null(page.Button("Copy as curl (request)"));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("0198c0de000070008000000000000000", "0198c0de000070008000000000000000")]
    [InlineData("..", "\"..\" is not an event id; expected 32 hexadecimal digits.")]
    public async Task An_id_of_no_event_is_named(string id, string fault)
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);

        var page = Open(console, id);

        page.WaitForState(() => page.FindAll(".fault").Count == 1);
        Assert.Contains(fault, page.Find(".fault").TextContent, StringComparison.Ordinal);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_fault_of_an_action_stays_while_the_page_looks_again()
    {
        const string Id = "0198c0de000070008000000000000000";
        var looks = 0;
        using var middleware = new ScriptedMiddleware(request =>
            request.Method == HttpMethod.Delete ? ScriptedMiddleware.Json("""{"title":"Not now.","detail":"The store is busy."}""", HttpStatusCode.ServiceUnavailable)
            : request.RequestUri!.AbsolutePath.EndsWith(Id, StringComparison.Ordinal) ? ScriptedMiddleware.Json($$"""{"event_id":"{{Id}}","status":"pending","source":"{{++looks}}","event_type":"made","correlation_id":"c-1","priority":"low","accepted_at":"2026-03-01T12:00:00Z","deliveries":[],"attempts":[]}""")
            : ScriptedMiddleware.Json("""{"items":[],"next_cursor":null}"""));
        await using var console = await OpenConsole.Of(middleware);
        var page = Open(console, Id);

        await page.Press("Erase");
        await page.Press("Erase this event");
        page.Sees("The store is busy. Try again in a moment.");
        var before = looks;
        console.Clock.Advance(TimeSpan.FromSeconds(2));
        page.Sees($"Source {before + 1}");

        Assert.Contains("The store is busy.", page.Find(".fault").TextContent, StringComparison.Ordinal);
    }

    private static IRenderedComponent<EventTimeline> Open(OpenConsole console, string id) =>
        console.Open<EventTimeline>($"/events/{id}", parameters => parameters.Add(static page => page.Id, id));
}
