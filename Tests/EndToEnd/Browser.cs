using Microsoft.Playwright;
using Tests.Supply;

namespace Tests.EndToEnd;

/// <summary>A page in an installed Chromium, with a profile of its own. A step that fails shows what the page showed.</summary>
internal sealed class Browser : IAsyncDisposable
{
    /// <summary>Only ends a test that would hang.</summary>
    private const float Bound = 60_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IPage _page;

    private Browser(IPlaywright playwright, IBrowser browser, IPage page) => (_playwright, _browser, _page) = (playwright, browser, page);

    /// <summary>Starts Chromium; skips the test where there is none, except in CI.</summary>
    public static async Task<Browser> StartAsync(int width, int height)
    {
        var executable = Command.Find("chromium", "chromium-browser", "google-chrome");
        Assert.SkipWhen(executable is null && Environment.GetEnvironmentVariable("CI") != "true", "Chromium is needed.");
        Assert.True(executable is not null, "Chromium is needed: CI=true.");

        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = executable,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return new Browser(playwright, browser, await NewPageAsync(browser, width, height));
    }

    /// <summary>Opens a page of another person, who has nothing of the first.</summary>
    public Task<IPage> NewPageAsync() => NewPageAsync(_browser, _page.ViewportSize!.Width, _page.ViewportSize.Height);

    /// <summary>Does a step on the page.</summary>
    public async Task OnPageAsync(Func<IPage, Task> step)
    {
        try
        {
            await step(_page);
        }
        catch (Exception fault) when (fault is PlaywrightException or TimeoutException)
        {
            throw new InvalidOperationException($"{fault.Message}\n{_page.Url} shows:\n{await _page.Locator("body").AriaSnapshotAsync()}", fault);
        }
    }

    /// <summary>Keeps a picture of the page, without what the dashboard says of the machine's certificates.</summary>
    public Task PictureAsync(string path) => OnPageAsync(async page =>
    {
        await page.Mouse.MoveAsync(0, 0);
        await page.ScreenshotAsync(new() { Path = path, Style = "[role=alert] { display: none !important }" });
    });

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static async Task<IPage> NewPageAsync(IBrowser browser, int width, int height)
    {
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height } });
        page.SetDefaultTimeout(Bound);
        return page;
    }
}
