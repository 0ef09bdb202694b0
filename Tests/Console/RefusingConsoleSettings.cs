namespace Tests.Console;

/// <summary>The starts that the console refuses, as an operator sees them: a line for each fault, and exit code 1.</summary>
public sealed class RefusingConsoleSettings
{
    [Theory]
    [InlineData("CONSOLE_KEY: \"***\" is not accepted; expected none outside Development, where everybody who reaches the console would act by it: people sign in with keys of their own.", "CONSOLE_KEY=canary")]
    [InlineData("MIDDLEWARE_URL: \"middleware:8080\" is not accepted; expected an http or https URL such as http://middleware:8080, or nothing for none.", "MIDDLEWARE_URL=middleware:8080")]
    [InlineData("PORT: \"0\" is not accepted; expected a whole number from 1 to 65535.", "PORT=0")]
    [InlineData("CONSOLE_OIDC_AUTHORITY: \"login.example.com\" is not accepted; expected an http or https URL such as https://login.example.com, or nothing for none.", "CONSOLE_OIDC_AUTHORITY=login.example.com", "CONSOLE_OIDC_CLIENT_ID=a")]
    [InlineData("CONSOLE_OIDC_AUTHORITY: \"http://login.example.com\" is not accepted; expected https: who changes the keys of the provider on the way is everybody.", "CONSOLE_OIDC_AUTHORITY=http://login.example.com", "CONSOLE_OIDC_CLIENT_ID=a")]
    [InlineData("CONSOLE_OIDC_CLIENT_ID: \"\" is not accepted; expected the client id that the provider of CONSOLE_OIDC_AUTHORITY gave.", "CONSOLE_OIDC_AUTHORITY=https://login.example.com")]
    [InlineData("CONSOLE_OIDC_CLIENT_ID: \"a\" is not accepted; expected CONSOLE_OIDC_AUTHORITY with it.", "CONSOLE_OIDC_CLIENT_ID=a")]
    [InlineData("TRUSTED_PROXIES: \"everybody\" is not accepted; expected networks and addresses of proxies such as 10.0.0.0/8,192.168.1.20,fd00::/8, separated by commas, IPv4 in its own form, with no bit set behind a prefix, or nothing.", "TRUSTED_PROXIES=everybody")]
    public async Task A_wrong_setting_is_named(string line, params string[] settings)
    {
        using var console = ServiceProcess.Begin("Console", settings);

        Assert.Equal(1, await console.ExitCodeAsync());
        Assert.Equal([line], console.Reasons);
        Assert.DoesNotContain(console.Output.Concat(console.Errors), static written => written.Contains("canary", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CONSOLE_KEY_FILE", "canary", "CONSOLE_KEY_FILE: the text of \"<file>\" is not accepted; expected none outside Development")]
    [InlineData("DATA_DIR", "", "DATA_DIR: the keys of cookies cannot be kept (")]
    public async Task A_key_in_a_file_is_refused_too_without_its_text_and_so_is_a_file_in_the_place_of_the_folder_that_keeps_keys(string setting, string text, string line)
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, text, Waiting.Cancellation);

        using var console = ServiceProcess.Begin("Console", $"{setting}={file}");

        Assert.Equal(1, await console.ExitCodeAsync());
        Assert.StartsWith(line.Replace("<file>", file, StringComparison.Ordinal), Assert.Single(console.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_may_be_files_and_the_health_command_finds_the_service()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "secret");
        await File.WriteAllTextAsync(file, "secret\n", Waiting.Cancellation);
        string[] settings =
        [
            $"DATA_DIR={folder.Path}", "MIDDLEWARE_URL=http://127.0.0.1:1", "CONSOLE_OIDC_AUTHORITY=https://login.example.com", "CONSOLE_OIDC_CLIENT_ID=a", $"CONSOLE_OIDC_CLIENT_SECRET_FILE={file}",
            $"PORT={LoopbackPort.Free()}",
        ];
        using var console = await ServiceProcess.StartAsync("Console", settings);

        using var healthy = ServiceProcess.Begin("Console", settings, ["--healthcheck"]);
        Assert.Equal(0, await healthy.ExitCodeAsync());

        Assert.Equal(0, await console.StopAsync());
        using var gone = ServiceProcess.Begin("Console", settings, ["--healthcheck"]);
        Assert.Equal(1, await gone.ExitCodeAsync());
        Assert.StartsWith("not ready: ", Assert.Single(gone.Errors), StringComparison.Ordinal);
    }
}
