using Microsoft.Extensions.Configuration;
using ServiceDefaults.Settings;
using Tests.Middleware.Tls;

namespace Tests.ServiceDefaults;

public sealed class SecretSettingsTests : IDisposable
{
    private const string NotRead = "file of a secret not read: its text of before stays";
    private const string NotTaken = "changed secret not taken: the one of before stays until the file changes again";

    private readonly MountedSecret _secret = new();
    private readonly TestClock _clock = new();
    private readonly CapturedLog _log = new();
    private readonly List<string> _seen = [];
    private readonly ConfigurationManager _configuration = new();
    private readonly SecretSettings _settings;

    public SecretSettingsTests()
    {
        ((IConfigurationBuilder)_configuration).Add(new SettingFiles(_configuration));
        _settings = new SecretSettings(_configuration, _clock, _log.For<SecretSettings>());
    }

    public void Dispose()
    {
        _settings.Dispose();
        _secret.Dispose();
    }

    [Fact]
    public void A_file_that_is_exchanged_is_read_again()
    {
        Begin(("ONE", "1"));

        Look();
        Assert.Empty(_seen);
        _secret.Put(("ONE", "2\n"));
        Look();
        Look();

        Assert.Equal(["2"], _seen);
        Assert.Equal("2", _configuration["ONE"]);
    }

    [Fact]
    public void Settings_that_belong_together_change_together()
    {
        Begin(("ONE", "1"), ("TWO", "2"));

        _secret.Put(("ONE", "3"), ("TWO", "4"));
        Look();
        _secret.Put(("ONE", "3"), ("TWO", "5"));
        Look();

        Assert.Equal(["3 4", "3 5"], _seen);
    }

    [Fact]
    public void A_text_that_is_not_accepted_changes_nothing_and_is_a_warning()
    {
        Begin(("ONE", "1"));

        _secret.Put(("ONE", "bad canary"));
        Look();
        Look();

        Assert.Empty(_seen);
        Assert.Equal($"ONE_FILE: the text of \"{_secret.PathOf("ONE")}\" is not accepted; expected another.", Assert.Single(_log.Of(NotTaken)).Values["error"]);
        Assert.DoesNotContain(_log.All, static line => line.Values.Values.Any(static value => $"{value}".Contains("canary", StringComparison.Ordinal)));
        _secret.Put(("ONE", "2"));
        Look();
        Assert.Equal(["2"], _seen);
    }

    [Fact]
    public void A_file_that_is_gone_changes_nothing_until_it_is_back()
    {
        Begin(("ONE", "1"));

        File.Delete(_secret.PathOf("..data"));
        Look();
        Look();

        Assert.StartsWith("expected a file that can be read (", (string?)Assert.Single(_log.Of(NotRead)).Values["error"], StringComparison.Ordinal);
        Assert.Equal("1", _configuration["ONE"]);
        _secret.Put(("ONE", "1"));
        Look();
        Assert.Empty(_seen);
        _secret.Put(("ONE", "2"));
        Look();
        Assert.Equal(["2"], _seen);
    }

    [Fact]
    public void A_file_that_becomes_empty_changes_nothing_and_is_a_warning()
    {
        Begin(("ONE", "1"));

        _secret.Put(("ONE", ""));
        Look();
        Look();

        Assert.Equal(SettingFilesTests.NoText, (string?)Assert.Single(_log.Of(NotRead)).Values["error"]);
        Assert.Equal("1", _configuration["ONE"]);
        _secret.Put(("ONE", "2"));
        Look();
        Assert.Equal(["2"], _seen);
    }

    [Fact]
    public async Task A_file_that_becomes_a_pipe_holds_up_no_look()
    {
        var file = Path.Combine(Path.GetDirectoryName(_secret.PathOf("ONE"))!, "plain");
        await File.WriteAllTextAsync(file, "1", Waiting.Cancellation);
        _configuration["ONE_FILE"] = file;
        Follow("ONE");

        File.Delete(file);
        await SettingFilesTests.MakePipe(file);
        await Task.Run(Look, Waiting.Cancellation).InTime();

        Assert.Equal(SettingFilesTests.NoText, (string?)Assert.Single(_log.Of(NotRead)).Values["error"]);
        Assert.Equal("1", _configuration["ONE"]);
    }

    [Fact]
    public void Without_a_file_nothing_is_looked_at()
    {
        _configuration["ONE"] = "1";

        Follow("ONE");

        Assert.Empty(_clock.Waits);
    }

    [Fact]
    public void A_defect_of_one_that_follows_is_an_error_and_the_looks_go_on()
    {
        _secret.Put(("ONE", "1"));
        _configuration["ONE_FILE"] = _secret.PathOf("ONE");
        _settings.Follow(static settings => settings.Text("ONE")!, static _ => throw new InvalidOperationException("defect"), "ONE");
        Follow("ONE");

        _secret.Put(("ONE", "2"));
        Look();
        _secret.Put(("ONE", "3"));
        Look();

        Assert.Equal(["2", "3"], _seen);
        Assert.Equal(2, _log.Errors.Count);
    }

    private void Begin(params (string Name, string Text)[] files)
    {
        _secret.Put(files);
        foreach (var (name, _) in files)
        {
            _configuration[$"{name}_FILE"] = _secret.PathOf(name);
        }

        Follow([.. files.Select(static file => file.Name)]);
    }

    private void Follow(params string[] names) => _settings.Follow(
        settings =>
        {
            var texts = string.Join(' ', names.Select(settings.Text));
            if (texts.StartsWith("bad", StringComparison.Ordinal))
            {
                settings.Refuse(names[0], texts, "expected another");
            }

            return texts;
        },
        _seen.Add,
        names);

    private void Look() => _clock.Advance(SecretSettings.Interval);
}
