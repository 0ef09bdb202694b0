using AngleSharp.Dom;
using AspireIntegration.Console.Events;
using Bunit;
using Tests.Middleware;
using Tests.Middleware.Callers;

namespace Tests.Console.Events;

/// <summary>The page of events: conditions in its address, pages, what it lets people do.</summary>
public sealed class ListingEvents : IAsyncDisposable
{
    private const string Hostile = "<script>alert(1)</script>\u202e\u001b[31m'\"&";

    private readonly MiddlewareService _service = new();
    private OpenConsole? _console;

    public async ValueTask DisposeAsync()
    {
        await (_console?.DisposeAsync() ?? default);
        await _service.DisposeAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_address_has_the_conditions()
    {
        await _service.Accept(source: "shop", eventType: "paid");
        var wanted = await _service.Accept(source: "shop", eventType: "sent", severity: "critical", correlationId: "c-7", message: "a needle");

        var page = await OpenAsync("/events?source=shop&type=sent&priority=critical&correlation=c-7&q=needle&since=1h");

        var row = Assert.Single(page.Rows(1));
        Assert.Equal($"/events/{wanted}", row.QuerySelector("a")!.GetAttribute("href"));
        Assert.Equal(["source", "type", "priority", "status", "since", "correlation", "q"], page.FindAll("form input, form select").Select(static field => field.Id));
        Assert.Equal("shop", page.Find("#source").GetAttribute("value"));
        page.Sees("1 event found");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_submitted_form_changes_the_address_and_the_list()
    {
        await _service.Accept(source: "shop & co");
        await _service.Accept(source: "other");
        var page = await OpenAsync("/events?cursor=&type=&live=true");
        page.Rows(2);

        await page.Submit(("source", " shop & co "));

        page.Rows(1);
        Assert.Equal(["live=true", "source=shop%20%26%20co"], _console!.Address.Split('?')[1].Split('&').Order(StringComparer.Ordinal));
        await page.Press("Clear");
        page.Rows(2);
        Assert.Equal("/events?live=true", _console!.Address);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Older_events_are_on_pages_of_their_own_addresses()
    {
        var oldest = await _service.Accept(source: "first");
        await _service.Accept(50);
        var page = await OpenAsync("/events");
        page.Rows(50);
        page.Sees("51 events found, newest first");

        var older = await OpenAsync(new Uri(page.Find("a[rel=next]").GetAttribute("href")!).PathAndQuery);

        Assert.Contains(oldest, Assert.Single(older.Rows(1)).InnerHtml, StringComparison.Ordinal);
        Assert.EndsWith("/events", older.FindAll("a.button").Single(static link => link.TextContent == "Newest").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_live_list_has_new_events_and_keeps_the_rows_that_are_read()
    {
        await _service.Accept(60);
        var page = await OpenAsync("/events?live=true");
        var last = page.Rows(60)[^1].InnerHtml;

        await _service.Accept(source: "new");
        _console!.Clock.Advance(TimeSpan.FromSeconds(2));

        var rows = page.Rows(61);
        Assert.Contains("new", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Equal(LinkOf(last), LinkOf(rows[^1].InnerHtml));

        static string LinkOf(string row) => row[row.IndexOf("href=", StringComparison.Ordinal)..][..45];
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_list_that_is_not_live_stays_as_it_was_read()
    {
        await _service.Accept();
        var page = await OpenAsync("/events");
        page.Rows(1);
        await _service.Accept();

        _console!.Clock.Advance(TimeSpan.FromSeconds(2));
        await page.Find("input[type=checkbox]").ChangeAsync(new() { Value = true });
        Assert.Equal("/events?live=true", _console!.Address);
        page.Rows(1);

        _console!.Clock.Advance(TimeSpan.FromSeconds(2));
        page.Rows(2);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Foreign_text_is_text()
    {
        var word = new string('w', 200);
        await _service.Accept(source: Hostile, eventType: word);

        var page = await OpenAsync("/events");

        var texts = Assert.Single(page.Rows(1)).QuerySelectorAll("bdi.clip");
        Assert.Empty(page.FindAll("script"));
        Assert.Equal([word, Hostile, "c-1"], texts.Select(static text => text.TextContent));
        Assert.Equal([word, Hostile, "c-1"], texts.Select(static text => text.GetAttribute("title")));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_empty_list_shows_the_command_that_fills_it()
    {
        var page = await OpenAsync("/events");
        page.Sees("There is no event yet. Send one:");
        Assert.StartsWith("curl -X POST 'http://middleware.test:8080/integrations/events' -H \"Authorization: Bearer $KEY\"", page.Find(".empty code").TextContent, StringComparison.Ordinal);

        (await OpenAsync("/events?source=none")).Sees("No event matches.");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_condition_that_is_none_is_named()
    {
        await _service.Accept();

        var page = await OpenAsync("/events?status=lost&priority=urgent&since=yesterday");

        page.Sees("status \"lost\" is not accepted; expected pending, delivered, dead_letter, unrouted, erased, expired");
        page.Sees("priority \"urgent\" is not accepted; expected critical, high, medium, low");
        page.Sees("since \"yesterday\" is not accepted; expected a time such as 2026-01-31T12:00Z, or a duration such as 15m or 1h before now");
        Assert.Empty(page.FindAll("tbody tr"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Scopes_decide_what_is_offered()
    {
        await using var keyed = new KeyedService();
        (await keyed.PostEvent(KeyedService.AdminKey)).Dispose();
        await using var console = await OpenConsole.Of(keyed, "events:read");

        var page = console.Open<EventList>("/events");

        Assert.Empty(Assert.Single(page.Rows(1)).QuerySelectorAll("input"));
        Assert.Null(page.Button("Replay all that match …"));
        Assert.Empty(page.FindAll("#q"));
        Assert.Equal("", page.Find("#source").GetAttribute("data-search"));
        console.Open<EventList>("/events?q=m").Sees("payloads:read");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Selected_events_are_replayed_after_a_confirmation()
    {
        await _service.AcceptAnswered(200, source: "a");
        await _service.AcceptAnswered(200, source: "b");
        var page = await OpenAsync("/events");

        await page.Rows(2)[0].QuerySelector("input")!.ChangeAsync(new() { Value = true });
        await page.Press("Replay 1 selected …");
        page.Sees("1 delivery matches");
        Assert.Equal(2, _service.Receiver.Sent.Count);
        await page.Press("Replay 1 delivery");

        await _service.Passing(() => Task.FromResult(_service.Receiver.Sent.Count == 3));
        Assert.Equal("b", _service.Receiver.Sent[^1].Event.Source);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task All_that_match_are_counted_and_confirmed_before_their_replay()
    {
        await _service.AcceptAnswered(200, source: "a");
        await _service.AcceptAnswered(200, source: "b");
        var page = await OpenAsync("/events?source=a");

        await page.Press("Replay all that match …");
        page.Sees("1 delivery matches: source a.");
        Assert.Empty((await _service.Get("/api/v1/replays"))["items"]!.AsArray());
        await page.Write(("bulk-rate", "7"));
        await page.Press("Replay 1 delivery");

        page.WaitForState(() => page.FindAll("progress").Count == 1);
        var made = Assert.Single((await _service.Get("/api/v1/replays"))["items"]!.AsArray())!;
        Assert.Equal(("events", 7, "a"), ((string?)made["of"], (int)made["rate_per_second"]!, (string?)made["filter"]!["source"]));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("status=delivered")]
    [InlineData("q=m")]
    public async Task A_replay_of_all_is_not_offered_for_conditions_that_it_does_not_know(string condition)
    {
        await _service.AcceptAnswered(200);
        var page = await OpenAsync($"/events?{condition}");

        page.Sees("A replay of all that match knows no status and no search: select events.");
        Assert.NotNull(page.Button("Replay 0 selected …"));
        Assert.Null(page.Button("Replay all that match …"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_key_that_is_no_longer_good_leads_to_the_sign_in_and_back()
    {
        await using var keyed = new KeyedService();
        var (id, key) = await keyed.Make("events:read");
        await using var console = await OpenConsole.Of(keyed.Service.Http, key);
        Assert.Equal(HttpStatusCode.NoContent, await keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{id}"));

        console.Open<EventList>("/events?source=a&type=b");

        await Waiting.Until(async () => (await console.WentAsync()).Contains("/sign-in?return=%2Fevents%3Fsource%3Da%26type%3Db&fault=expired"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_middleware_that_cannot_be_reached_is_named_until_it_is_back()
    {
        var isGone = true;
        using var middleware = new ScriptedMiddleware(_ => isGone ? throw new HttpRequestException("no route") : ScriptedMiddleware.Json("""{"items":[],"next_cursor":null}"""));
        await using var console = await OpenConsole.Of(middleware);
        var page = console.Open<EventList>("/events?live=true");
        page.Sees("The middleware cannot be reached: no route Check that it runs, and the setting MIDDLEWARE_URL.");

        isGone = false;
        console.Clock.Advance(TimeSpan.FromSeconds(2));

        page.Sees("There is no event yet.");
        Assert.Empty(page.FindAll(".fault"));
    }

    private async Task<IRenderedComponent<EventList>> OpenAsync(string address)
    {
        _console ??= await OpenConsole.Of(_service);
        return _console.Open<EventList>(address);
    }
}
