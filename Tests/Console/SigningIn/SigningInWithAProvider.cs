namespace Tests.Console.SigningIn;

public sealed class SigningInWithAProvider : IAsyncLifetime
{
    private SmallProvider _provider = null!;
    private ConsoleStage _stage = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await SmallProvider.StartAsync();
        _stage = ConsoleStage.Start(_provider);
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task The_provider_is_asked_for_a_code_with_PKCE_and_leads_back_to_the_URL_by_a_page_of_the_console()
    {
        using var person = _stage.NewPerson();
        Assert.Contains("href=\"/sign-in/provider?return=%2Fkeys\"", (await person.GetAsync("/sign-in?return=%2Fkeys")).Text, StringComparison.Ordinal);

        var back = await AskAsync(person, "/keys");
        Assert.Equal(
            ("code", "S256", "openid profile operate more", "query"),
            (_provider.Asked!["response_type"].ToString(), _provider.Asked["code_challenge_method"].ToString(), _provider.Asked["scope"].ToString(), _provider.Asked["response_mode"].DefaultIfEmpty("query").Single()));

        var signedIn = await person.GetAsync(back);
        Assert.Equal("/signed-in?return=%2Fkeys", signedIn.Location);
        Assert.Contains("samesite=strict", Assert.Single(signedIn.Cookies, static cookie => cookie.StartsWith("console=", StringComparison.Ordinal)), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("content=\"0;url=/keys\"", (await person.GetAsync(signedIn.Location!)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/keys")).Status);
    }

    [Fact]
    public async Task Cookies_of_the_way_go_with_a_link_of_the_provider_and_by_TLS_where_there_is_some()
    {
        await using var stage = ConsoleStage.Start(_provider, ("TRUSTED_PROXIES", "127.0.0.1"));
        using var person = stage.NewPerson();
        person.Headers.Add("X-Forwarded-Proto", "https");

        var cookies = (await person.GetAsync("/sign-in/provider?return=%2Fkeys")).Cookies;

        Assert.Equal(2, cookies.Count);
        Assert.All(cookies, static cookie => Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.All(cookies, static cookie => Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.All(cookies, static cookie => Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task When_the_token_ends_the_page_asks_to_sign_in_again_and_keeps_its_URL()
    {
        _provider.Seconds = 1;
        using var person = _stage.NewPerson();
        await person.GetAsync(await AskAsync(person, "/keys"));

        var led = await Waiting.SeeAsync(() => person.LedToAsync("/events?source=a"), static led => led is not null, "the cookie has ended with the token");

        Assert.Equal("/sign-in?return=%2Fevents%3Fsource%3Da", led);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sign_in_that_does_not_come_to_its_end_says_so_and_keeps_its_URL(bool isRefused)
    {
        (_provider.IsRefused, _provider.GivesToken) = (isRefused, isRefused);
        using var person = _stage.NewPerson();

        var answer = await person.GetAsync(await AskAsync(person, "/keys"));

        Assert.Equal("/sign-in?return=%2Fkeys&fault=provider", answer.Location);
        Assert.DoesNotContain(answer.Cookies, static cookie => cookie.StartsWith("console=", StringComparison.Ordinal));
        Assert.Equal("/sign-in?return=%2Fkeys", await person.LedToAsync("/keys"));
    }

    [Fact]
    public async Task A_code_that_comes_to_another_browser_signs_nobody_in()
    {
        using var person = _stage.NewPerson();
        var back = await AskAsync(person, "/keys");
        using var victim = _stage.NewPerson();

        var answer = await victim.GetAsync(back);

        Assert.Equal("/sign-in?return=%2Fkeys&fault=provider", answer.Location);
        Assert.Equal("/sign-in?return=%2Fkeys", await victim.LedToAsync("/keys"));
    }

    [Fact]
    public async Task A_provider_that_is_away_is_no_defect()
    {
        await using var stage = ConsoleStage.Start(("CONSOLE_OIDC_AUTHORITY", $"http://localhost:{LoopbackPort.Free()}"), ("CONSOLE_OIDC_CLIENT_ID", "a"));
        using var person = stage.NewPerson();

        Assert.Equal("/sign-in?return=%2Fkeys&fault=provider", await person.LedToAsync("/sign-in/provider?return=%2Fkeys"));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("http://evil.example/")]
    public async Task The_way_over_the_provider_leads_to_no_other_site(string path)
    {
        using var person = _stage.NewPerson();

        Assert.Equal("/signed-in?return=%2F", (await person.GetAsync(await AskAsync(person, path))).Location);
    }

    /// <summary>Goes to the provider and gives the path at which it leads back.</summary>
    private async Task<string> AskAsync(ConsolePerson person, string path)
    {
        var asked = await person.LedToAsync($"/sign-in/provider?return={Uri.EscapeDataString(path)}");
        Assert.StartsWith(_provider.Issuer, asked, StringComparison.Ordinal);
        using var http = new HttpClient();
        var page = await http.GetStringAsync(asked, Waiting.Cancellation);
        return new Uri(WebUtility.HtmlDecode(page.Split("href=\"")[1].Split('"')[0])).PathAndQuery;
    }
}
