using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Tests.EndToEnd;

namespace Tests.Console.Operating;

/// <summary>
/// Each page in both themes and on a telephone, with hostile text in every field. <c>CONSOLE_IMAGES</c> is a folder for their pictures.
/// </summary>
[Trait("Speed", "Slow"), RunsNatively]
public sealed class LookingAtPages
{
    private const string Script = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>";

    private static readonly string Hostile = $"{Script} \u202edesrever\u202c \u001b[31mred\u001b[0m";
    private static readonly string? Images = Environment.GetEnvironmentVariable("CONSOLE_IMAGES");

    [Theory(Timeout = 2 * Waiting.TestLimit)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task No_page_is_closed_to_anybody_too_wide_or_taken_in_by_hostile_text(ColorScheme theme)
    {
        await using var stage = await DeployedConsole.StartAsync("MAX_EVENT_BYTES=1000000");
        var (endpoint, id) = await FillAsync(stage);
        var faults = new List<string>();
        await using var browser = await Browser.StartAsync(1280, 900);
        await browser.OnPageAsync(async page =>
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            page.Dialog += static (_, dialog) => Assert.Fail($"A dialog: {dialog.Message}");
            await SignInAsync(page, stage);
            foreach (var path in (string[])
            [
                "/", "/events", $"/events/{id}", $"/events?q={Uri.EscapeDataString(Script)}", "/endpoints", $"/endpoints/{endpoint}", $"/endpoints/{endpoint}/edit", "/endpoints/new",
                "/dead-letters", "/replays", "/filters", "/live", "/keys", "/audit", "/settings", $"/{Uri.EscapeDataString(Script)}",
            ])
            {
                await page.SetViewportSizeAsync(1280, 900);
                await page.GotoAsync(new Uri(stage.Address, path).ToString());
                await UntilShownAsync(page);
                faults.AddRange((await page.RunAxe()).Violations.Where(static fault => fault.Impact is "serious" or "critical").Select(fault => $"{path}: {Text(fault)}"));
                if (Images is not null)
                {
                    await page.ScreenshotAsync(new() { Path = Path.Combine(Images, $"{NameOf(path, endpoint, id)}-{theme.ToString().ToLowerInvariant()}.png"), FullPage = true });
                }

                await page.SetViewportSizeAsync(360, 800);
                var (wide, has) = (await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), await page.EvaluateAsync<int>("document.documentElement.clientWidth"));
                if (wide > has)
                {
                    faults.Add($"{path} is {wide} wide, and the screen {has}.");
                }

                Assert.False(await page.EvaluateAsync<bool>("'hacked' in window"), $"{path} ran a script of a field.");
            }
        });
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task One_who_may_only_read_events_sees_no_payload_and_no_action_and_each_that_is_forged_is_refused()
    {
        await using var stage = await DeployedConsole.StartAsync();
        var (endpoint, id) = await FillAsync(stage);
        var key = (string)(await stage.Client.Ask(HttpMethod.Post, "/api/v1/keys", HttpStatusCode.Created, """{"name":"reader","scopes":["events:read"]}"""))["key"]!;
        await using var browser = await Browser.StartAsync(1280, 900);
        await browser.OnPageAsync(async page =>
        {
            await SignInAsync(page, stage, key);
            foreach (var path in (string[])["/", "/events", $"/events/{id}", "/endpoints", $"/endpoints/{endpoint}", "/dead-letters", "/replays", "/live"])
            {
                await page.GotoAsync(new Uri(stage.Address, path).ToString());
                await UntilShownAsync(page);
                Assert.DoesNotContain("declined", await page.ContentAsync(), StringComparison.Ordinal);
                foreach (var action in (string[])["Replay", "Discard", "Erase", "Test", "Disable", "Enable", "Rotate", "Delete", "Edit", "Create", "Revoke", "Copy as curl"])
                {
                    Assert.Equal(0, await page.Locator($"main button:has-text('{action}'), main fluent-button:has-text('{action}'), main a.button:has-text('{action}')").CountAsync());
                }
            }

            await page.GotoAsync(new Uri(stage.Address, $"/events/{id}").ToString());
            await page.GetByText("It is shown to those with the scope payloads:read.").WaitForAsync();
            await page.GotoAsync(new Uri(stage.Address, "/endpoints/new").ToString());
            await page.GetByText("This needs the scope endpoints:write.").WaitForAsync();
            await page.GotoAsync(new Uri(stage.Address, "/filters").ToString());
            await page.GetByText("This page needs one of the scopes operate, endpoints:write. Yours: events:read.").WaitForAsync();
        });

        using var http = new HttpClient { BaseAddress = stage.Middleware };
        foreach (var (method, path, body) in ((HttpMethod, string, string)[])
        [
            (HttpMethod.Post, $"/api/v1/events/{id}/replay", "{}"), (HttpMethod.Delete, $"/api/v1/events/{id}", ""), (HttpMethod.Post, "/api/v1/replays", """{"of":"dead_letters","filter":{}}"""),
            (HttpMethod.Post, $"/api/v1/dead-letters/{id}.{endpoint}/replay", "{}"), (HttpMethod.Delete, $"/api/v1/dead-letters/{id}.{endpoint}", ""), (HttpMethod.Post, $"/api/v1/endpoints/{endpoint}/disable", ""),
            (HttpMethod.Post, $"/api/v1/endpoints/{endpoint}/test", ""), (HttpMethod.Post, $"/api/v1/endpoints/{endpoint}/rotate-secret", ""), (HttpMethod.Post, "/api/v1/endpoints", "{}"),
            (HttpMethod.Patch, $"/api/v1/endpoints/{endpoint}", "{}"), (HttpMethod.Delete, $"/api/v1/endpoints/{endpoint}", ""), (HttpMethod.Post, "/api/v1/keys", "{}"), (HttpMethod.Get, "/api/v1/audit", ""),
            (HttpMethod.Get, "/api/v1/settings", ""), (HttpMethod.Get, $"/api/v1/events/{id}/matches", ""),
        ])
        {
            using var answer = await http.SendJson(method, path, body.Length == 0 ? null : body, $"X-Api-Key: {key}");
            Assert.True((int)answer.StatusCode == 403, $"{method} {path}: {(int)answer.StatusCode}");
        }
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task A_connection_that_is_lost_is_noticed_and_what_was_written_is_there_when_it_is_back()
    {
        await using var stage = await DeployedConsole.StartAsync();
        await using var relay = new Relay(stage.Address.Port);
        await using var browser = await Browser.StartAsync(1280, 900);
        await browser.OnPageAsync(async page =>
        {
            await SignInAsync(page, stage, address: new Uri($"http://127.0.0.1:{relay.Port}/"));
            await page.GotoAsync($"http://127.0.0.1:{relay.Port}/endpoints/new");
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync("half written");
            await page.GetByLabel("Name", new() { Exact = true }).BlurAsync();

            await relay.CutAsync();
            var notice = page.GetByText(new Regex("[Rr]ejoin")).First;
            await notice.WaitForAsync(new() { State = WaitForSelectorState.Visible });
            relay.Mend();
            await notice.WaitForAsync(new() { State = WaitForSelectorState.Hidden });

            Assert.Equal("half written", await page.GetByLabel("Name", new() { Exact = true }).InputValueAsync());
            await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
            await page.Locator("main .wrong").First.WaitForAsync();
        });
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task A_middleware_that_is_killed_is_said_on_open_pages_which_show_what_is_new_when_it_is_back()
    {
        const string Gone = "The middleware cannot be reached";
        await using var stage = await DeployedConsole.StartAsync();
        var (_, id) = await FillAsync(stage);
        await using var browser = await Browser.StartAsync(1280, 900);
        await browser.OnPageAsync(async page =>
        {
            await SignInAsync(page, stage);
            await DeadLetters(page, 31).WaitForAsync();
            var (live, other) = (await browser.NewPageAsync(), await browser.NewPageAsync());
            await SignInAsync(live, stage);
            await SignInAsync(other, stage);
            await live.GotoAsync(new Uri(stage.Address, "/live").ToString());
            await live.GetByText("Following").WaitForAsync();

            await stage.KillMiddlewareAsync();
            await page.GetByText(Gone).WaitForAsync();
            await live.GetByText("it is made again").WaitForAsync();
            await other.GotoAsync(new Uri(stage.Address, $"/events/{id}").ToString());
            await other.GetByText(Gone).WaitForAsync();

            await stage.StartMiddlewareAsync();
            await page.GetByText(Gone).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
            await live.GetByText("Following").WaitForAsync();
            await stage.AcceptAsync(1);
            await DeadLetters(page, 32).WaitForAsync();
            await live.GetByText("1 event came").WaitForAsync();
            await other.ReloadAsync();
            await other.GetByText("dead letter").First.WaitForAsync();
        });

        static ILocator DeadLetters(IPage page, int count) => page.Locator(".card", new() { HasTextRegex = new Regex($@"^\s*{count}\s*dead letters") });
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task A_long_text_is_tested_and_saved_as_it_is_shown_and_Enter_saves()
    {
        await using var stage = await DeployedConsole.StartAsync();
        await using var browser = await Browser.StartAsync(1280, 900);
        await browser.OnPageAsync(async page =>
        {
            await SignInAsync(page, stage);
            await page.GotoAsync(new Uri(stage.Address, "/filters").ToString());
            await page.GetByLabel("Event types").FillAsync("long");
            await page.GetByLabel("Sample event (JSON)").FillAsync($$"""{"source":"a","event_type":"long","severity":"low","message":"m","metadata":{"text":"{{new string('é', 100_000)}}"} }""");
            await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
            await page.GetByText("The event matches.").WaitForAsync();

            await page.GotoAsync(new Uri(stage.Address, "/endpoints/new").ToString());
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync("pager");
            await page.GetByLabel("URL", new() { Exact = true }).FillAsync(stage.Receiver.ToString());
            await page.GetByLabel("Expression (CloudEvents SQL)").FillAsync($"source = '{new string('w', 40_000)}'");
            await page.GetByLabel("Name", new() { Exact = true }).PressAsync("Enter");
            await page.Locator("#expression-wrong").WaitForAsync();

            await page.GetByLabel("Expression (CloudEvents SQL)").FillAsync("source = 'shop'");
            await page.GetByLabel("Name", new() { Exact = true }).PressAsync("Enter");
            await page.GetByText("Created.").WaitForAsync();
        });
        var made = (await stage.Client.Get("endpoints"))["items"]!.AsArray().Single();
        Assert.Equal("source = 'shop'", (string?)made!["filter"]!["expression"]);
    }

    /// <summary>Signs in with a key, that of the administrator without another.</summary>
    private static async Task SignInAsync(IPage page, DeployedConsole stage, string? key = null, Uri? address = null)
    {
        await page.GotoAsync((address ?? stage.Address).ToString());
        await page.GetByLabel("API key").FillAsync(key ?? stage.AdminKey);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await UntilShownAsync(page);
    }

    private static async Task UntilShownAsync(IPage page)
    {
        await page.Locator("main h1").WaitForAsync();
        await page.GetByText("Loading …").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await page.Locator("main table, main .empty, main .facts, main form, main .bar, main p").First.WaitForAsync();
    }

    /// <summary>An endpoint that refuses an event, both with hostile texts, and more of both.</summary>
    private static async Task<(string Endpoint, string Event)> FillAsync(DeployedConsole stage)
    {
        var endpoint = await stage.CreateAsync(Hostile, new Uri(stage.Receiver, "/nowhere"));
        await stage.Client.Ask(HttpMethod.Post, "/api/v1/keys", HttpStatusCode.Created, new JsonObject { ["name"] = "reports", ["scopes"] = new JsonArray("events:read") }.ToJsonString());
        await stage.AcceptAsync(30);
        var accepted = await stage.Client.Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, new JsonObject
        {
            ["source"] = Script,
            ["event_type"] = Hostile,
            ["severity"] = "critical",
            ["message"] = $"declined {Hostile}",
            ["metadata"] = new JsonObject { [Script] = Hostile, ["word"] = new string('w', 64 << 10) },
        }.ToJsonString());
        await stage.UntilDeadAsync(31);
        return (endpoint, (string)accepted["event_id"]!);
    }

    private static string NameOf(string path, string endpoint, string id) =>
        path.Contains('<', StringComparison.Ordinal) || path.Contains('%', StringComparison.Ordinal) ? (path.StartsWith("/events", StringComparison.Ordinal) ? "events-found" : "nowhere")
        : path == "/" ? "overview" : path.Trim('/').Replace(endpoint, "one", StringComparison.Ordinal).Replace(id, "one", StringComparison.Ordinal).Replace('/', '-');

    private static string Text(AxeResultItem fault) => $"{fault.Id}: {fault.Help}; {string.Join(", ", fault.Nodes.Take(3).Select(static node => node.Html))}";
}
