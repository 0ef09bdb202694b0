using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tests.EndToEnd;

namespace Tests.Console.Operating;

/// <summary>The work of an operator in a browser, once with the mouse and once with the keyboard alone.</summary>
[Trait("Speed", "Slow"), RunsNatively]
public sealed class OperatingByHand
{
    [Theory(Timeout = 2 * Waiting.TestLimit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_endpoint_that_fails_is_seen_mended_and_tested_and_its_dead_letters_are_replayed(bool hasMouse)
    {
        await using var stage = await DeployedConsole.StartAsync();
        await using var browser = await Browser.StartAsync(1280, 900);
        await stage.CreateAsync("pager", new Uri(stage.Receiver, "/nowhere"));
        await stage.AcceptAsync(499);
        await stage.AcceptAsync("the needle-7731 in the hay", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        await stage.UntilDeadAsync(500);
        await browser.OnPageAsync(async page =>
        {
            var hand = new Hand(page, hasMouse);
            var others = new List<string>();
            page.Request += (_, request) =>
            {
                if (new Uri(request.Url).Authority != stage.Address.Authority)
                {
                    others.Add(request.Url);
                }
            };
            await page.GotoAsync(stage.Address.ToString());
            await hand.WriteAsync(page.GetByLabel("API key"), stage.AdminKey);
            await hand.PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }));

            // It is in trouble on the first page; its own says why.
            await hand.PressAsync(page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "pager", Exact = true }));
            await page.GetByRole(AriaRole.Heading, new() { Name = "pager", Level = 1 }).WaitForAsync();
            await page.GetByText("http_404").First.WaitForAsync();

            // Its address is mended, and it answers.
            await hand.PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Edit", Exact = true }));
            await hand.WriteAsync(page.GetByLabel("URL", new() { Exact = true }), stage.Receiver.ToString());
            await hand.PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Save" }));
            await hand.PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }));
            await page.GetByText(new Regex("HTTP 20\\d after")).WaitForAsync();

            // Its dead letters: counted, paced, under way, done.
            await hand.PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "dead letters", Exact = true }));
            await hand.PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Replay all that match …" }));
            await stage.Received.ForgetAsync();
            await page.GetByText("500 dead letters", new() { Exact = true }).WaitForAsync();
            await hand.WriteAsync(page.GetByLabel("At most per second"), "400");
            await hand.PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Replay 500 dead letters" }));
            await page.GetByText("Completed: 500 dead letters", new() { Exact = false }).WaitForAsync();
            await hand.PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }));
            await page.GetByText("No dead letter matches.").WaitForAsync();
            Assert.Equal(500, (await stage.Received.ReceivedAsync()).Distinct().Count());

            // One event by a word of its payload, its trace, and the request that sends it again.
            await hand.GoAsync("Events", "e");
            await hand.WriteAsync(page.GetByLabel("Search in payloads"), "needle-7731");
            await hand.PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Show" }));
            await page.GetByText("1 event found").WaitForAsync();
            await hand.PressAsync(page.Locator("tbody").GetByRole(AriaRole.Link).First);
            await page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex("^Event [0-9a-f]{32}") }).WaitForAsync();
            await page.GetByText("404").First.WaitForAsync();
            Assert.Equal("https://traces.example.com/0af7651916cd43dd8448eb211c80319c", await page.GetByRole(AriaRole.Link, new() { Name = "0af7651916cd43dd8448eb211c80319c" }).GetAttributeAsync("href"));
            Assert.Contains("the needle-7731 in the hay", await page.Locator("[data-copy*='curl']").GetAttributeAsync("data-copy"), StringComparison.Ordinal);
            Assert.Empty(others);
        });
    }
}
