using Microsoft.Extensions.Configuration;
using ServiceDefaults.Settings;

namespace Tests.ServiceDefaults;

public sealed class SettingFilesTests : InAFolder
{
    internal const string NoText = "expected a file with text; it is empty, or no regular file";

    private string File => Path.Combine(Folder.Path, "secret");

    [Theory]
    [InlineData("7", "7")]
    [InlineData("7\n", "7")]
    [InlineData("a b \r\n\n", "a b ")]
    public void The_text_of_a_setting_may_be_in_a_file(string written, string expected)
    {
        System.IO.File.WriteAllText(File, written);
        var configuration = Configuration(("NAME_FILE", File));
        var settings = new SettingsReader(configuration);

        Assert.Equal(expected, settings.Text("NAME"));
        Assert.Equal(expected, configuration["NAME"]);
        Assert.Empty(settings.Failures);
    }

    [Fact]
    public void A_file_of_no_name_is_none()
    {
        var settings = new SettingsReader(Configuration(("NAME", "7"), ("NAME_FILE", "")));

        Assert.Equal(7, settings.Whole("NAME", 1, 1, 99));
        Assert.Empty(settings.Failures);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named_with_the_reason()
    {
        var settings = new SettingsReader(Configuration(("NAME_FILE", File)));

        Assert.Equal(1, settings.Whole("NAME", 1, 1, 99));
        Assert.StartsWith($"NAME_FILE: \"{File}\" is not accepted; expected a file that can be read (", Assert.Single(settings.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_file() => Assert.StartsWith(
        $"NAME_FILE: \"{Folder.Path}\" is not accepted; expected a file that can be read (", Assert.Single(FailuresOf(Folder.Path)), StringComparison.Ordinal);

    [Fact]
    public void A_file_is_of_64_KiB_at_most()
    {
        System.IO.File.WriteAllText(File, new string('x', 65_537));

        Assert.Equal([$"NAME_FILE: \"{File}\" is not accepted; expected a file of at most 65536 bytes."], FailuresOf(File));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\uFEFF\r\n")]
    [InlineData(" \n")]
    public void A_file_without_text_is_refused(string written)
    {
        System.IO.File.WriteAllText(File, written);

        Assert.Equal([$"NAME_FILE: \"{File}\" is not accepted; {NoText}."], FailuresOf(File));
    }

    [Fact]
    public async Task A_pipe_is_refused_and_not_opened()
    {
        await MakePipe(File);
        var link = Path.Combine(Folder.Path, "link");
        System.IO.File.CreateSymbolicLink(link, "secret");

        foreach (var path in (string[])[File, link])
        {
            Assert.Equal([$"NAME_FILE: \"{path}\" is not accepted; {NoText}."], await Task.Run(() => FailuresOf(path), Waiting.Cancellation).InTime());
        }
    }

    [Fact]
    public void A_device_is_refused() => Assert.Equal([$"NAME_FILE: \"/dev/zero\" is not accepted; {NoText}."], FailuresOf("/dev/zero"));

    [Fact]
    public void A_file_is_in_UTF_8()
    {
        System.IO.File.WriteAllBytes(File, [0xEF, 0xBB, 0xBF, (byte)'7', (byte)'\n']);
        Assert.Equal("7", new SettingsReader(Configuration(("NAME_FILE", File))).Text("NAME"));

        System.IO.File.WriteAllBytes(File, [0xFF, 0xFE, (byte)'7', 0]);
        Assert.Equal([$"NAME_FILE: \"{File}\" is not accepted; expected a file in UTF-8."], FailuresOf(File));
    }

    [Fact]
    public void A_setting_is_given_once()
    {
        System.IO.File.WriteAllText(File, "7");
        var settings = new SettingsReader(Configuration(("NAME", "8"), ("NAME_FILE", File)));

        Assert.Null(settings.Text("NAME"));
        Assert.Equal([$"NAME_FILE: \"{File}\" is not accepted; expected it or NAME, not both."], settings.Failures);
    }

    [Theory]
    [InlineData("NAME")]
    [InlineData("Section__Name")]
    public void The_text_of_a_file_is_never_shown(string name)
    {
        System.IO.File.WriteAllText(File, "canary");
        var settings = new SettingsReader(Configuration(($"{name.Replace("__", ":", StringComparison.Ordinal)}_FILE", File)));

        settings.Refuse(name, "canary", "expected another");

        Assert.Equal([$"{name}_FILE: the text of \"{File}\" is not accepted; expected another."], settings.Failures);
    }

    /// <summary>Makes a named pipe, which Windows does not have among its files.</summary>
    internal static async Task MakePipe(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes among its files.");
        using var made = System.Diagnostics.Process.Start("mkfifo", [path]);
        await made.WaitForExitAsync(Waiting.Cancellation);
    }

    private static IReadOnlyList<string> FailuresOf(string path)
    {
        var settings = new SettingsReader(Configuration(("NAME_FILE", path)));
        Assert.Null(settings.Text("NAME"));
        return settings.Failures;
    }

    internal static ConfigurationManager Configuration(params (string Name, string Value)[] given)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(given.Select(static pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        ((IConfigurationBuilder)configuration).Add(new SettingFiles(configuration));
        return configuration;
    }
}
