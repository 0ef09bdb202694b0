using AspireIntegration.Console.Settings;
using Bunit;

namespace Tests.Console.Settings;

public sealed class ShowingSettingsOnAPage : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private OperatedConsole? _console;

    public async ValueTask InitializeAsync()
    {
        var file = Path.Combine(_folder.Path, "size");
        await File.WriteAllTextAsync(file, "77");
        _console = new OperatedConsole(("QUEUE_SIZE_FILE", file), ("RETENTION", "3d"), ("REPLICA_NAME", "<b>one</b>"));
    }

    public async ValueTask DisposeAsync()
    {
        await _console!.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("RETENTION", "3d", "7d", "yes")]
    [InlineData("DEAD_LETTER_RETENTION", "30d", "30d", "no")]
    [InlineData("ADMIN_KEY", "not shown", "–", "yes")]
    [InlineData("JWT_AUTHORITY", "–", "–", "no")]
    public async Task A_setting_is_shown_with_its_default_and_whether_it_is_given(string name, string value, string byDefault, string given)
    {
        var page = await OpenAsync($"/settings?q={name.ToLowerInvariant()}");

        var row = page.FindAll("tbody tr").Single(row => row.QuerySelector("[data-label=Setting]")?.TextContent == name);
        Assert.Equal([name, value, byDefault, given], row.Children.Select(static cell => cell.TextContent.Trim()));
    }

    [Fact]
    public async Task The_file_of_a_setting_is_shown_and_not_its_text()
    {
        var page = await OpenAsync("/settings?q=QUEUE_SIZE&given=true");

        var row = Assert.Single(page.FindAll("tbody tr"), static row => row.QuerySelector("[data-label=Setting]") is not null);
        Assert.Equal("not shown", row.QuerySelector("[data-label='In force']")!.TextContent);
        Assert.EndsWith($"{_folder.Path}/size", row.QuerySelector("[data-label=Given]")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("77", row.TextContent.Replace(_folder.Path, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("given=true", true)]
    [InlineData("given=maybe", false)]
    public async Task Those_alone_that_are_given_may_be_asked_for(string query, bool isOnly)
    {
        var page = await OpenAsync($"/settings?{query}");

        Assert.Equal(isOnly, page.FindAll("[data-label=Given]").All(static cell => cell.TextContent.Trim() != "no"));
    }

    [Fact]
    public async Task A_search_that_finds_nothing_says_so()
    {
        var page = await OpenAsync("/settings?q=no-such-setting");

        Assert.Equal("No setting matches.", page.Find(".empty").TextContent.Trim());
    }

    [Fact]
    public async Task The_replica_that_answers_is_shown_and_its_name_is_text()
    {
        var page = await OpenAsync("/settings");

        Assert.Equal("<b>one</b> (answers this page)", page.Find("[data-label=Name]").TextContent);
    }

    [Fact]
    public async Task Without_a_scope_for_replicas_the_settings_are_shown_alone()
    {
        var (_, admin) = await _console!.Keyed.Make("admin");

        var page = await OpenAsync("/settings", admin);

        Assert.Empty(page.FindAll("[data-label=Slots]"));
        Assert.Empty(page.FindAll("[role=alert]"));
        Assert.NotEmpty(page.FindAll("[data-label=Setting]"));
    }

    private async Task<IRenderedComponent<SettingList>> OpenAsync(string path, string? key = null)
    {
        var page = await _console!.OpenAsync<SettingList>(path, key);
        page.WaitForElement("[role=status]");
        return page;
    }
}
