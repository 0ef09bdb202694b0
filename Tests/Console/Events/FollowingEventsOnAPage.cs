using AspireIntegration.Console.Events;
using Bunit;

namespace Tests.Console.Events;

/// <summary>The page that shows events as they come.</summary>
public sealed class FollowingEventsOnAPage
{
    private readonly ScriptedStream _stream = new();

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Events_that_come_are_rows_newest_first_with_links()
    {
        await using var console = await OpenAsync();
        var page = console.Open<LiveEvents>("/live?source=a&priority=high&q=x&filter=TRUE");
        page.Sees("Following");

        await ComeAsync(page, 1);
        await ComeAsync(page, 2);

        Assert.Equal(["/events/2", "/events/1"], page.Rows(2).Select(static row => row.QuerySelector("a")!.GetAttribute("href")));
        Assert.Equal(("?source=a&priority=high&q=x&filter=TRUE", null), Assert.Single(_stream.Asked));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task At_most_100_rows_are_kept()
    {
        await using var console = await OpenAsync();
        var page = console.Open<LiveEvents>("/live");
        page.Sees("Following");

        await page.InvokeAsync(() =>
        {
            for (var number = 1; number <= 105; number++)
            {
                _stream.Come(number);
            }
        });

        page.Sees("105 events came; the newest 100 are shown");
        Assert.Equal("/events/105", page.Rows(100)[0].QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_pause_ends_the_connection_and_goes_on_from_the_last_event()
    {
        await using var console = await OpenAsync();
        var page = console.Open<LiveEvents>("/live");
        page.Sees("Following");
        await ComeAsync(page, 7);

        await page.Press("Pause");
        page.Sees("Paused");
        await Waiting.Until(() => _stream.Open == 0);
        await page.Press("Go on");
        page.Sees("Following");

        Assert.Equal([null, "7"], _stream.Asked.Select(static asked => asked.From));
        page.Rows(1);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_connection_that_breaks_is_made_again_from_the_last_event()
    {
        await using var console = await OpenAsync();
        var page = console.Open<LiveEvents>("/live");
        page.Sees("Following");
        await ComeAsync(page, 7);

        _stream.Break();
        page.Sees("it is made again");
        await console.Clock.Pass(TimeSpan.FromSeconds(2));

        page.WaitForState(() => page.Find("[role=status]").TextContent == "Following");
        Assert.Equal("7", _stream.Asked[^1].From);
        Assert.Empty(page.FindAll(".fault"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_middleware_that_is_away_at_first_is_asked_again()
    {
        _stream.Refusal = (HttpStatusCode.ServiceUnavailable, """{"title":"Too many listen already.","status":503,"detail":"100 listeners."}""");
        await using var console = await OpenAsync();
        var page = console.Open<LiveEvents>("/live");
        page.Sees("100 listeners.");
        page.Sees("it is made again");

        _stream.Refusal = null;
        await console.Clock.Pass(TimeSpan.FromSeconds(2));

        page.Sees("Following");
        Assert.Empty(page.FindAll(".fault"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_refusal_stops_it_until_somebody_tries_again()
    {
        await using var console = await OpenAsync();
        _stream.Refusal = (HttpStatusCode.BadRequest, """{"title":"Not valid.","status":400,"errors":{"filter":["at character 3: expected a value"]}}""");
        var page = console.Open<LiveEvents>("/live?filter=a%20%3D");
        page.Sees("filter at character 3: expected a value");
        page.Sees("Stopped");

        _stream.Refusal = null;
        await page.Press("Try again");

        page.Sees("Following");
        Assert.Empty(page.FindAll(".fault"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_expired_credential_leads_to_the_sign_in_and_back()
    {
        await using var console = await OpenAsync();
        _stream.Refusal = (HttpStatusCode.Unauthorized, """{"title":"Unauthorized","status":401}""");

        console.Open<LiveEvents>("/live?source=a");

        await Waiting.Until(async () => (await console.WentAsync()).Contains("/sign-in?return=%2Flive%3Fsource%3Da&fault=expired"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Other_conditions_begin_anew_and_leaving_ends_the_connection()
    {
        var console = await OpenAsync();
        var page = console.Open<LiveEvents>("/live");
        page.Sees("Following");
        await ComeAsync(page, 7);

        await page.Submit(("source", "a"));

        page.Rows(0);
        await Waiting.Until(() => _stream.Asked.Count == 2 && _stream.Open == 1);
        Assert.Equal(("?source=a", null), _stream.Asked[^1]);
        await console.DisposeAsync();
        await Waiting.Until(() => _stream.Open == 0);
    }

    private Task<OpenConsole> OpenAsync() => OpenConsole.Of(new ScriptedMiddleware(_stream.Answer));

    private async Task ComeAsync(IRenderedComponent<LiveEvents> page, int number)
    {
        var before = page.FindAll("tbody tr").Count;
        await page.InvokeAsync(() => _stream.Come(number));
        page.Rows(before + 1);
    }
}
