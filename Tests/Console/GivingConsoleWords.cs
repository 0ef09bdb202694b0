namespace Tests.Console;

/// <summary>The words on the command line of the console.</summary>
public class GivingConsoleWords
{
    [Theory]
    [InlineData(0, "usage: Console [command]", "--help")]
    [InlineData(0, "0.", "--version")]
    [InlineData(2, "\"bogus\" is not a command.", "bogus")]
    public async Task Words_are_those_of_the_services(int code, string line, string word)
    {
        using var console = ServiceProcess.Begin("Console", [], [word]);

        Assert.Equal(code, await console.ExitCodeAsync());
        Assert.StartsWith(line, console.Output.Concat(console.Errors).First(), StringComparison.Ordinal);
    }
}
