using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Middleware.Callers;

namespace Tests.Console.SigningIn;

/// <summary>The ways in as a browser goes them, which alone obeys the attributes of cookies and runs pages.</summary>
[Trait("Speed", "Slow")]
public sealed class SigningInInABrowser
{
    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task With_a_key_pages_are_shown_until_it_is_revoked_and_then_after_another_one_at_the_same_URL()
    {
        await using var stage = ConsoleStage.Start();
        await using var browser = await Browser.StartAsync(width: 1000, height: 700);
        var (id, key) = await stage.Keyed.Make("admin operate");
        await browser.OnPageAsync(async page =>
        {
            await page.GotoAsync(new Uri(stage.Console.Address, "/keys").ToString());
            await SignInAsync(page, key);
            await page.GetByRole(AriaRole.Heading, new() { Name = "Keys", Exact = true }).WaitForAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Revoke made" }).WaitForAsync();
            Assert.Equal(HttpStatusCode.NoContent, await stage.Keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{id}"));

            await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
            await page.GetByRole(AriaRole.Alert).GetByText("You are signed out").WaitForAsync();
            Assert.Equal("/sign-in?return=%2Faudit&fault=expired", new Uri(page.Url).PathAndQuery);

            await SignInAsync(page, KeyedService.AdminKey);
            await page.GetByRole(AriaRole.Heading, new() { Name = "Audit", Exact = true }).WaitForAsync();
            Assert.Equal("/audit", new Uri(page.Url).PathAndQuery);
        });
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task With_a_provider_on_another_site_the_same_URL_is_shown_in_the_name_of_the_token()
    {
        await using var provider = await SmallProvider.StartAsync();
        await using var stage = ConsoleStage.Start(provider);
        await using var browser = await Browser.StartAsync(width: 1000, height: 700);
        await browser.OnPageAsync(async page =>
        {
            await page.GotoAsync(new Uri(stage.Console.Address, "/audit?action=key.created").ToString());
            await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with localhost" }).ClickAsync();
            await page.Locator("#back").ClickAsync();

            await page.GetByRole(AriaRole.Heading, new() { Name = "Audit", Exact = true }).WaitForAsync();
            await page.GetByText("jwt:jane").WaitForAsync();
            Assert.Equal("/audit?action=key.created", new Uri(page.Url).PathAndQuery);
            Assert.Contains(await page.Context.CookiesAsync(), static cookie => cookie is { Name: "console", HttpOnly: true, SameSite: SameSiteAttribute.Strict });
        });
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task A_page_that_is_not_there_is_named_and_leads_on()
    {
        await using var stage = ConsoleStage.Start();
        await using var browser = await Browser.StartAsync(width: 1000, height: 700);
        await browser.OnPageAsync(async page =>
        {
            await OpenKeysAsync(page, stage);

            await page.GotoAsync(new Uri(stage.Console.Address, "/nowhere").ToString());

            await page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" }).WaitForAsync();
            await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "overview" }).ClickAsync();
            await page.GetByRole(AriaRole.Heading, new() { Name = "Overview", Exact = true }).WaitForAsync();
        });
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task Who_signs_out_in_one_tab_is_signed_out_in_the_others()
    {
        await using var stage = ConsoleStage.Start();
        await using var browser = await Browser.StartAsync(width: 1000, height: 700);
        await browser.OnPageAsync(async page =>
        {
            await OpenKeysAsync(page, stage);
            var other = await page.RunAndWaitForPopupAsync(() => page.EvaluateAsync("window.open('/live')"));
            await other.GetByText("Following").WaitForAsync();

            await page.GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

            await other.GetByRole(AriaRole.Alert).GetByText("You are signed out").WaitForAsync();
            Assert.Equal("/sign-in?return=%2Flive&fault=expired", new Uri(other.Url).PathAndQuery);
        });
    }

    private static async Task OpenKeysAsync(IPage page, ConsoleStage stage)
    {
        await page.GotoAsync(new Uri(stage.Console.Address, "/keys").ToString());
        await SignInAsync(page, KeyedService.AdminKey);
        await page.GetByRole(AriaRole.Heading, new() { Name = "Keys", Exact = true }).WaitForAsync();
    }

    private static async Task SignInAsync(IPage page, string key)
    {
        await page.GetByLabel("API key").FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }
}
