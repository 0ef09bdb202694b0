using System.Net;
using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Components.Pages;
using Bunit;
using Tests.Middleware;

namespace Tests.Console.Pages;

/// <summary>The page that shows events as they come.</summary>
public sealed class FollowingEvents
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Events_that_come_are_rows_newest_first_with_links()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<Live>("/live?source=a&priority=high&q=x&filter=TRUE");
        page.Sees("Following");

        await ComeAsync(console, page, 1);
        await ComeAsync(console, page, 2);

        Assert.Equal(["/events/2", "/events/1"], page.Rows(2).Select(static row => row.QuerySelector("a")!.GetAttribute("href")));
        var (asked, from) = Assert.Single(console.Stream.Asked);
        Assert.Equal((new EventQuery { Source = "a", Priority = Priority.High, Q = "x" }, "TRUE", null), (asked.Query, asked.Filter, from));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task At_most_200_rows_are_kept()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<Live>("/live");
        page.Sees("Following");

        await page.InvokeAsync(() =>
        {
            for (var number = 1; number <= 205; number++)
            {
                console.Stream.Come(Event(number));
            }
        });

        page.Sees("205 events came; the newest 200 are shown");
        Assert.Equal("/events/205", page.Rows(200)[0].QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_pause_ends_the_connection_and_goes_on_from_the_last_event()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<Live>("/live");
        page.Sees("Following");
        await ComeAsync(console, page, 7);

        await page.Press("Pause");
        page.Sees("Paused");
        await Waiting.Until(() => console.Stream.Open == 0);
        await page.Press("Go on");
        page.Sees("Following");

        Assert.Equal([null, "7"], console.Stream.Asked.Select(static asked => asked.From));
        page.Rows(1);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_connection_that_breaks_is_made_again_from_the_last_event()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<Live>("/live");
        page.Sees("Following");
        await ComeAsync(console, page, 7);

        console.Stream.Break();
        page.Sees("The middleware cannot be reached: broken");
        page.Sees("it is made again");
        await console.Clock.Pass(TimeSpan.FromSeconds(2));

        page.WaitForState(() => page.Find("[role=status]").TextContent == "Following");
        Assert.Equal("7", console.Stream.Asked[^1].From);
        Assert.Empty(page.FindAll(".fault"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_refusal_stops_it_until_somebody_tries_again()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        console.Stream.Refusal = new AspireIntegrationException(HttpStatusCode.BadRequest, "Not valid.") { Errors = new Dictionary<string, IReadOnlyList<string>> { ["filter"] = ["at character 3: expected a value"] } };
        var page = console.Open<Live>("/live?filter=a%20%3D");
        page.Sees("filter at character 3: expected a value");
        page.Sees("Stopped");

        console.Stream.Refusal = null;
        await page.Press("Try again");

        page.Sees("Following");
        Assert.Empty(page.FindAll(".fault"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_expired_credential_leads_to_the_sign_in_and_back()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        console.Stream.Refusal = new AspireIntegrationException(HttpStatusCode.Unauthorized, "Unauthorized");

        console.Open<Live>("/live?source=a");

        await Waiting.Until(() => console.Went.Contains("/sign-in?return=%2Flive%3Fsource%3Da&fault=expired"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Other_conditions_begin_anew_and_leaving_ends_the_connection()
    {
        await using var service = MiddlewareService.InMemory();
        var console = await OpenConsole.Of(service);
        var page = console.Open<Live>("/live");
        page.Sees("Following");
        await ComeAsync(console, page, 7);

        await page.Find("#source").ChangeAsync(new() { Value = "a" });
        await page.Find("form").SubmitAsync();

        page.Rows(0);
        await Waiting.Until(() => console.Stream.Asked.Count == 2 && console.Stream.Open == 1);
        Assert.Equal(("a", null), (console.Stream.Asked[^1].Asked.Query.Source, console.Stream.Asked[^1].From));
        await console.DisposeAsync();
        await Waiting.Until(() => console.Stream.Open == 0);
    }

    private static EventItem Event(int number) => new() { EventId = $"{number}", Source = "a", EventType = "b", CorrelationId = "c", Priority = Priority.High, AcceptedAt = TestClock.Noon };

    private static async Task ComeAsync(OpenConsole console, IRenderedComponent<Live> page, int number)
    {
        var before = page.FindAll("tbody tr").Count;
        await page.InvokeAsync(() => console.Stream.Come(Event(number)));
        page.Rows(before + 1);
    }
}
