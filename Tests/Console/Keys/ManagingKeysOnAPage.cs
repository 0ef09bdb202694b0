using AngleSharp.Dom;
using AspireIntegration.Console.Keys;
using Bunit;

namespace Tests.Console.Keys;

public sealed class ManagingKeysOnAPage : IAsyncDisposable
{
    private readonly OperatedConsole _console = new();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Without_a_key_the_page_says_what_one_is_for_and_shows_the_command()
    {
        var page = await OpenAsync();

        Assert.Contains("/api/v1/keys", page.Find(".empty code").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_listed_with_its_scopes_its_maker_and_its_limits_and_what_others_wrote_is_text()
    {
        await _console.Keyed.Make("events:write operate", """ "sources":["<b>a</b>"],"rate_limit":"5/s","expires_at":"2999-01-01T00:00:00Z" """);

        var row = (await OpenAsync()).Find("tbody tr");

        Assert.Equal("made", Cell(row, "Name"));
        Assert.Equal("events:write, operate; sources <b>a</b>; 5/s burst 5", Cell(row, "Scopes"));
        Assert.EndsWith("by admin", Cell(row, "Made"), StringComparison.Ordinal);
        Assert.Equal("–", Cell(row, "Last used"));
        Assert.StartsWith("in ", Cell(row, "Ends"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Two_presses_make_one_key()
    {
        var page = await OpenAsync();
        await page.Write(("name", "billing"));
        await page.InvokeAsync(() => page.FindAll("fieldset input")[0].Change(true));

        await _console.SubmitTwiceAsync(page);

        page.WaitForElement("tbody tr");
        Assert.Single((await _console.Admin.Keys.ListAsync(Waiting.Cancellation)).Items);
    }

    [Fact]
    public async Task A_made_key_is_shown_once_and_is_good()
    {
        var page = await OpenAsync();
        await page.Write(("name", "billing"), ("ends", "30"));
        foreach (var scope in (string[])["events:write", "events:read"])
        {
            await page.InvokeAsync(() => page.FindAll("fieldset label").Single(label => label.TextContent.Trim() == scope).QuerySelector("input")!.Change(true));
        }

        await page.Submit();
        page.WaitForElement("tbody tr");

        var text = page.Find(".panel pre code").TextContent;
        Assert.Equal(text, page.Find("[data-copy]").GetAttribute("data-copy"));
        Assert.Equal(HttpStatusCode.OK, await _console.Keyed.Status(text, HttpMethod.Get, "/api/v1/events"));
        var made = Assert.Single((await _console.Admin.Keys.ListAsync(Waiting.Cancellation)).Items);
        Assert.Equal(("billing", "events:write events:read"), (made.Name, string.Join(' ', made.Scopes)));
        Assert.Equal(_console.Clock.GetUtcNow().AddDays(30), made.ExpiresAt!.Value, TimeSpan.FromSeconds(1));

        await page.InvokeAsync(() => Button(page, "I have it").Click());
        Assert.DoesNotContain(text, page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(text, (await OpenAsync()).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_without_scopes_is_refused_with_the_field_and_the_form_keeps_its_text()
    {
        var page = await OpenAsync();

        await page.Submit(("name", "billing"));

        Assert.Contains("scopes", page.WaitForElement(".bar.fault").TextContent, StringComparison.Ordinal);
        Assert.Equal("billing", page.Find("#name").GetAttribute("value"));
        Assert.Empty((await _console.Admin.Keys.ListAsync(Waiting.Cancellation)).Items);
    }

    [Theory]
    [InlineData("0", HttpStatusCode.Unauthorized)]
    [InlineData("24", HttpStatusCode.OK)]
    public async Task A_rotated_key_is_shown_once_and_the_old_text_is_good_for_as_long_as_was_asked_for(string hours, HttpStatusCode ofOld)
    {
        var (_, old) = await _console.Keyed.Make("events:read");
        var page = await OpenAsync();
        await page.InvokeAsync(() => page.Find("[aria-label='Rotate made']").Click());
        await page.Write(("overlap", hours));

        await page.InvokeAsync(() => page.Find("[aria-labelledby=asked-title] .primary").Click());
        var text = page.WaitForElement(".panel pre code").TextContent;

        Assert.NotEqual(old, text);
        Assert.Equal(HttpStatusCode.OK, await _console.Keyed.Status(text, HttpMethod.Get, "/api/v1/events"));
        Assert.Equal(ofOld, await _console.Keyed.Status(old, HttpMethod.Get, "/api/v1/events"));
    }

    [Fact]
    public async Task A_key_is_revoked_only_after_what_is_lost_was_said()
    {
        var (_, text) = await _console.Keyed.Make("events:read");
        var page = await OpenAsync();

        await page.InvokeAsync(() => page.Find("[aria-label='Revoke made']").Click());
        Assert.Contains("nothing brings it back. It was never used.", page.Find("[role=group]").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(() => Button(page, "Leave it").Click());
        Assert.Equal(HttpStatusCode.OK, await _console.Keyed.Status(text, HttpMethod.Get, "/api/v1/events"));

        await page.InvokeAsync(() => page.Find("[aria-label='Revoke made']").Click());
        await page.InvokeAsync(() => page.Find("[aria-labelledby=asked-title] .primary").Click());
        page.WaitForElement(".empty");

        Assert.Equal("The key made is revoked.", page.Find(".bar.done").TextContent.Trim());
        Assert.Equal(HttpStatusCode.Unauthorized, await _console.Keyed.Status(text, HttpMethod.Get, "/api/v1/events"));
    }

    [Fact]
    public async Task Who_revokes_the_own_key_is_warned_and_asked_to_sign_in_again()
    {
        var (_, own) = await _console.Keyed.Make("admin");
        var page = await _console.OpenAsync<KeyList>("/keys", own);

        page.WaitForElement("[aria-label='Revoke made']");
        await page.InvokeAsync(() => page.Find("[aria-label='Revoke made']").Click());
        Assert.Contains("You are signed in with this key.", page.Find("[role=group]").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(() => page.Find("[aria-labelledby=asked-title] .primary").Click());

        await Waiting.Until(() => _console.Navigation.Uri.EndsWith("/sign-in?return=%2Fkeys&fault=expired", StringComparison.Ordinal));
    }

    private async Task<IRenderedComponent<KeyList>> OpenAsync()
    {
        var page = await _console.OpenAsync<KeyList>("/keys");
        page.WaitForElement("form");
        return page;
    }

    private static IElement Button(IRenderedComponent<KeyList> page, string text) => page.FindAll("button").Single(button => button.TextContent.Trim() == text);

    private static string Cell(IElement row, string label) => row.QuerySelector($"[data-label='{label}']")!.TextContent.Trim();
}
