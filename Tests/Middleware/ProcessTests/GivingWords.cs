namespace Tests.Middleware.ProcessTests;

/// <summary>The words on the command line of the service.</summary>
[RunsNatively]
public class GivingWords
{
    private const string Commands = "Commands (without one the service runs):";

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Help_names_the_commands_and_the_settings(string word)
    {
        var (code, output, errors) = await Run(word);

        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith(Commands, output, StringComparison.Ordinal);
        foreach (var part in (string[])["keys new", "audit verify", "keys rewrap", "store copy", "docs/settings.md"])
        {
            Assert.Contains(part, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        var (code, output, errors) = await Run("--version");

        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
    }

    [Theory]
    [InlineData("bogus", "bogus")]
    [InlineData("KEYS", "KEYS NEW")]
    [InlineData("--bogus", "--bogus")]
    [InlineData("--healthcheck=yes", "--healthcheck=yes")]
    [InlineData("-x=1", "-x=1")]
    [InlineData("bogus", "QUEUE_SIZE=5 bogus")]
    [InlineData("keys make", "keys make")]
    [InlineData("keys new --json", "keys new --json")]
    [InlineData("store move --to", "store move --to=secret")]
    public async Task A_word_that_is_neither_a_command_nor_a_setting_is_refused(string named, string words)
    {
        var (code, output, errors) = await Run(words.Split(' '));

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"\"{named}\" is not a command.{Environment.NewLine}{Commands}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bogus", "bogus")]
    [InlineData("bogus", "--healthcheck bogus")]
    [InlineData("--healthcheck=yes", "--healthcheck=yes")]
    [InlineData("keys", "keys new")]
    public async Task The_receiver_refuses_such_a_word_too(string named, string words)
    {
        using var receiver = ServiceProcess.Begin("ExternalAlerts.Api", [], words.Split(' '));

        Assert.Equal(2, await receiver.ExitCodeAsync());
        Assert.StartsWith($"\"{named}\" is not a command.", receiver.Errors.First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "usage: ExternalAlerts.Api")]
    [InlineData("--version", "0.")]
    public async Task The_receiver_prints_its_usage_and_version(string word, string line)
    {
        using var receiver = ServiceProcess.Begin("ExternalAlerts.Api", [], [word]);

        Assert.Equal(0, await receiver.ExitCodeAsync());
        Assert.StartsWith(line, receiver.Output.First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("QUEUE_SIZE=abc")]
    [InlineData("--QUEUE_SIZE=abc")]
    [InlineData("--QUEUE_SIZE abc")]
    [InlineData("/QUEUE_SIZE=abc")]
    [InlineData("/QUEUE_SIZE abc")]
    public async Task A_setting_may_be_a_word_in_each_form_of_the_configuration(string words)
    {
        var (code, _, errors) = await Run(words.Split(' '));

        Assert.Equal(1, code);
        Assert.Contains("is not accepted; expected a whole number from 1 to 100000000.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys rewrap", "--dry-run")]
    [InlineData("keys rewrap", "--head=1:0")]
    [InlineData("audit verify", "--bogus")]
    [InlineData("audit verify", "--head")]
    [InlineData("audit verify", "-head x")]
    [InlineData("audit verify", "--HEAD x")]
    [InlineData("audit verify", "head=x")]
    [InlineData("audit verify", "extra")]
    [InlineData("audit verify", "QUEUE_SIZE=5")]
    [InlineData("store copy", "--bogus")]
    [InlineData("store copy", "--from")]
    [InlineData("store copy", "to x")]
    public async Task A_command_refuses_words_that_it_does_not_know(string command, string words)
    {
        var (code, output, errors) = await Run([.. command.Split(' '), .. words.Split(' ')]);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"{command}: \"{words.Split(' ')[0]}\" is not accepted; expected ", errors, StringComparison.Ordinal);
        Assert.Contains("DATA_DIR=...", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DATA_DIR=")]
    [InlineData("--DATA_DIR=")]
    [InlineData("--DATA_DIR ")]
    [InlineData("--environment=Production DATA_DIR=")]
    public async Task A_command_takes_the_settings_of_the_store(string words)
    {
        using var folder = new TemporaryDirectory();

        var (code, _, errors) = await Run(["audit", "verify", .. (words + folder.Path).Split(' ')]);

        Assert.Equal((1, $"DATA_DIR: there is no store in \"{folder.Path}\"; expected the folder of the service."), (code, errors));
    }

    private static async Task<(int Code, string Output, string Errors)> Run(params string[] words)
    {
        using var process = ServiceProcess.Begin("Middleware.Api", ["ConnectionStrings__events="], words);
        var code = await process.ExitCodeAsync();
        return (code, string.Join(Environment.NewLine, process.Output), string.Join(Environment.NewLine, process.Errors));
    }
}
