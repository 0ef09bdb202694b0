using System.Text;
using Microsoft.IdentityModel.Tokens;
using Tests.Middleware.Callers;

namespace Tests.Console.SigningIn;

public sealed class SigningInWithAKey : IAsyncDisposable
{
    private readonly ConsoleStage _stage = ConsoleStage.Start();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData("/")]
    [InlineData("/keys")]
    [InlineData("/events?source=a%20b&q=%22x%22")]
    public async Task Who_is_not_signed_in_is_led_to_the_sign_in_page_and_back_to_the_same_URL(string url)
    {
        using var person = _stage.NewPerson();

        var led = await person.LedToAsync(url);
        Assert.Equal($"/sign-in?return={Uri.EscapeDataString(url)}", led);
        Assert.Contains($"name=\"return\" value=\"{WebUtility.HtmlEncode(url)}\"", (await person.GetAsync(led!)).Text, StringComparison.Ordinal);

        Assert.Equal(url, await person.SignInAsync(KeyedService.AdminKey, url));
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync(url)).Status);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   ", "empty")]
    [InlineData("wrong", "refused")]
    [InlineData("two words", "refused")]
    [InlineData("schlüssel", "refused")]
    [InlineData("line\nbreak", "refused")]
    public async Task A_key_that_is_none_is_refused_with_its_reason_and_keeps_the_URL(string key, string fault)
    {
        using var person = _stage.NewPerson();

        var led = await person.SignInAsync(key, "/keys");

        Assert.Equal($"/sign-in?return=%2Fkeys&fault={fault}", led);
        Assert.Contains("role=\"alert\"", (await person.GetAsync(led!)).Text, StringComparison.Ordinal);
        Assert.Equal("/sign-in?return=%2Fkeys", await person.LedToAsync("/keys"));
    }

    [Fact]
    public async Task Spaces_around_a_key_do_not_count()
    {
        using var person = _stage.NewPerson();

        Assert.Equal("/", await person.SignInAsync($"  {KeyedService.AdminKey}\t", returnUrl: null));
    }

    [Fact]
    public async Task A_revoked_key_is_refused()
    {
        var (id, key) = await _stage.Keyed.Make("operate");
        using var person = _stage.NewPerson();
        Assert.Equal("/", await person.SignInAsync(key));
        Assert.Equal(HttpStatusCode.NoContent, await _stage.Keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{id}"));

        using var other = _stage.NewPerson();
        Assert.Equal("/sign-in?return=%2F&fault=refused", await other.SignInAsync(key));
    }

    [Fact]
    public async Task Without_a_middleware_nobody_signs_in_and_the_page_says_why()
    {
        using var folder = new TemporaryDirectory();
        await using var console = new RunningConsole(new Uri($"http://127.0.0.1:{LoopbackPort.Free()}"), folder.Path);
        using var person = new ConsolePerson(console.Address);

        Assert.Equal("/sign-in?return=%2F&fault=unavailable", await person.SignInAsync(KeyedService.AdminKey));
    }

    [Fact]
    public async Task The_cookie_is_for_this_site_alone_out_of_reach_of_scripts_and_encrypted()
    {
        using var person = _stage.NewPerson();

        var cookie = Assert.Single((await person.PostAsync("/sign-in/key", [("key", KeyedService.AdminKey)])).Cookies, static cookie => cookie.StartsWith("console=", StringComparison.Ordinal));

        var parts = cookie.Split("; ").Select(static part => part.ToLowerInvariant()).ToList();
        Assert.Contains("httponly", parts);
        Assert.Contains("samesite=strict", parts);
        Assert.DoesNotContain("secure", parts);
        var value = cookie.Split("; ")[0]["console=".Length..];
        Assert.DoesNotContain(KeyedService.AdminKey, value, StringComparison.Ordinal);
        Assert.DoesNotContain(KeyedService.AdminKey, Encoding.Latin1.GetString(Base64UrlEncoder.DecodeBytes(value)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_with_TLS_the_cookie_is_sent_by_TLS_alone()
    {
        await using var stage = ConsoleStage.Start(("TRUSTED_PROXIES", "127.0.0.1"));
        using var person = stage.NewPerson();
        person.Headers.Add("X-Forwarded-Proto", "https");

        var answer = await person.PostAsync("/sign-in/key", [("key", KeyedService.AdminKey)]);

        Assert.Contains("; secure", Assert.Single(answer.Cookies, static cookie => cookie.StartsWith("console=", StringComparison.Ordinal)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_restart_signs_nobody_out_while_another_folder_does()
    {
        using var person = await SignedInAsync();

        await _stage.RestartAsync();
        using var later = person.At(_stage.Console.Address);
        Assert.Equal(HttpStatusCode.OK, (await later.GetAsync("/keys")).Status);

        using var other = new TemporaryDirectory();
        await _stage.RestartAsync(other.Path);
        using var stranger = person.At(_stage.Console.Address);
        Assert.Equal("/sign-in?return=%2Fkeys", await stranger.LedToAsync("/keys"));
        await _stage.RestartAsync();
    }

    public static TheoryData<string> PathsAway =>
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "http://evil.example/", "https:evil.example", "javascript:alert(1)", "evil.example",
        "/\t/evil.example", "/a\r\nSet-Cookie: a=b", "/a\\..\\..\\evil", "/ü", " /a", "/sign-in", "/sign-out", "/Sign-In/key", "",
    ];

    [Theory]
    [MemberData(nameof(PathsAway))]
    public async Task A_path_that_leads_away_leads_to_the_first_page(string path)
    {
        using var person = _stage.NewPerson();

        var shown = (await person.GetAsync($"/sign-in?return={Uri.EscapeDataString(path)}")).Text;
        Assert.Contains("name=\"return\" value=\"/\"", shown, StringComparison.Ordinal);
        Assert.Equal("/", await person.SignInAsync(KeyedService.AdminKey, path));
        Assert.Contains("content=\"0;url=/\"", (await person.GetAsync($"/signed-in?return={Uri.EscapeDataString(path)}")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("forged")]
    public async Task A_sign_in_or_a_sign_out_that_another_page_forges_is_refused(string token)
    {
        using var person = _stage.NewPerson();

        var forged = await person.PostAsync("/sign-in/key", [("key", KeyedService.AdminKey)], token);
        Assert.Equal((HttpStatusCode.BadRequest, 0), (forged.Status, forged.Cookies.Count));

        await person.SignInAsync(KeyedService.AdminKey);
        var signedOut = await person.PostAsync("/sign-out/now", [], token);
        Assert.Equal((HttpStatusCode.BadRequest, 0), (signedOut.Status, signedOut.Cookies.Count));
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/keys")).Status);
    }

    [Fact]
    public async Task Who_signs_out_is_signed_out()
    {
        using var person = await SignedInAsync();

        Assert.Equal("/sign-in", (await person.PostAsync("/sign-out/now", [], await person.TokenAsync("/sign-out"))).Location);

        Assert.Equal("/sign-in?return=%2Fkeys", await person.LedToAsync("/keys"));
    }

    [Fact]
    public async Task A_copy_of_the_cookie_is_no_good_once_its_person_has_signed_out()
    {
        using var person = await SignedInAsync();
        using var thief = person.At(_stage.Console.Address);
        using var other = await SignedInAsync();
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("/keys")).Status);

        await person.PostAsync("/sign-out/now", [], await person.TokenAsync("/sign-out"));

        Assert.Equal("/sign-in?return=%2Fkeys", await thief.LedToAsync("/keys"));
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/keys")).Status);
    }

    [Theory]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("", HttpStatusCode.OK)]
    public async Task The_connection_of_a_page_is_for_pages_of_this_console_alone(string origin, HttpStatusCode status)
    {
        using var person = await SignedInAsync();
        var own = _stage.Console.Address.GetLeftPart(UriPartial.Authority);

        person.Headers.Add("Origin", origin.Length == 0 ? own : origin);

        Assert.Equal(status, (await person.PostAsync("/_blazor/negotiate?negotiateVersion=1", [], "")).Status);
        Assert.Equal(status == HttpStatusCode.OK ? 0 : 1, _stage.Console.Log.Of("a page of another origin was refused; a proxy before the console must pass on the header Host").Count());
    }

    [Theory]
    [InlineData("/alive", HttpStatusCode.OK)]
    [InlineData("/health/ready", HttpStatusCode.OK)]
    [InlineData("/console.css", HttpStatusCode.OK)]
    [InlineData("/metrics", HttpStatusCode.Redirect)]
    [InlineData("/no-such-page", HttpStatusCode.Redirect)]
    public async Task Probes_and_files_are_open_and_all_else_is_not(string path, HttpStatusCode status)
    {
        using var person = _stage.NewPerson();

        Assert.Equal(status, (await person.GetAsync(path)).Status);
    }

    private async Task<ConsolePerson> SignedInAsync()
    {
        var person = _stage.NewPerson();
        await person.SignInAsync(KeyedService.AdminKey);
        return person;
    }
}
