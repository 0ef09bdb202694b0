using AspireIntegration.Console.Audit;
using Bunit;

namespace Tests.Console.Audit;

public sealed class ReadingTheAuditLogOnAPage : IAsyncDisposable
{
    private readonly OperatedConsole _console = new();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Changes_are_shown_newest_first_with_what_was_before_and_after_as_text()
    {
        var (id, _) = await _console.Keyed.Make("events:write", """ "sources":["<i>a</i>"] """);
        await _console.Admin.Keys.RevokeAsync(id, Waiting.Cancellation);

        var page = await OpenAsync($"/audit?target={id}");

        Assert.Equal(["key.revoked", "key.created"], page.FindAll("[data-label=Action]").Select(static cell => cell.TextContent.Trim()));
        var (before, after) = (page.FindAll("details pre")[^2].TextContent, page.FindAll("details pre")[^1].TextContent);
        Assert.Equal("–", before);
        Assert.Contains("<i>a</i>", after, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("details i"));
    }

    [Theory]
    [InlineData("actor=admin", true)]
    [InlineData("actor=nobody", false)]
    [InlineData("action=key.created", true)]
    [InlineData("action=key.revoked", false)]
    [InlineData("since=2000-01-01", true)]
    [InlineData("since=2999-01-01 10:00", false)]
    [InlineData("until=2000-01-01", false)]
    [InlineData("until=2999-01-01&actor=&target= ", true)]
    public async Task The_filters_of_the_URL_hold(string query, bool isFound)
    {
        await _console.Keyed.Make("events:write");

        var page = await OpenAsync($"/audit?{query}");

        Assert.Equal(isFound ? 1 : 0, page.FindAll("[data-label=Action] code").Count(static cell => cell.TextContent == "key.created"));
        Assert.Equal(isFound, page.FindAll(".empty").Count == 0);
    }

    [Fact]
    public async Task A_value_leads_to_the_changes_with_it_and_keeps_the_other_filters()
    {
        await _console.Keyed.Make("events:write");

        var page = await OpenAsync("/audit?since=2000-01-01&cursor=");

        Assert.EndsWith("/audit?since=2000-01-01&action=key.created", page.FindAll("[data-label=Action] a").Single(static link => link.TextContent == "key.created").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_changes_are_on_further_pages_that_have_URLs()
    {
        for (var number = 0; number < 51; number++)
        {
            await _console.Keyed.Make("events:write");
        }

        var first = await OpenAsync("/audit?action=key.created");
        Assert.Equal(50, first.FindAll("tbody tr").Count);
        var older = first.FindAll("p a").Single(static link => link.TextContent == "Older").GetAttribute("href")!;

        var second = await OpenAsync(older);
        Assert.Single(second.FindAll("tbody tr"));
        Assert.EndsWith("/audit?action=key.created", second.FindAll("p a").Single(static link => link.TextContent == "Newest").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_is_no_time_is_named_and_nothing_is_asked()
    {
        var page = await OpenAsync("/audit?since=yesterday<b>");

        Assert.Contains("\"yesterday<b>\" is not accepted; expected a time", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("table"));
    }

    [Fact]
    public async Task A_cursor_that_is_none_is_refused_by_the_service_and_shown()
    {
        var page = await OpenAsync("/audit?cursor=none");

        Assert.Contains("cursor", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }

    private async Task<IRenderedComponent<AuditLog>> OpenAsync(string path)
    {
        var page = await _console.OpenAsync<AuditLog>(path);
        page.WaitForState(() => page.FindAll("tbody, .empty, [role=alert]").Count > 0);
        return page;
    }
}
