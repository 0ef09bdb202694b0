using Microsoft.Extensions.Logging;
using ServiceDefaults.Logging;

namespace Tests.ServiceDefaults;

public class PlainLineFormatterTests
{
    [Fact]
    public void A_line_has_the_values_after_its_fixed_text() => Assert.Equal(
        "12:00:00 warn  Some.Category: log lines dropped dropped=3 to=\"a b\" none=null\n",
        Write(LogLevel.Warning, "log lines dropped", null, [new("Dropped", 3), new("to", "a b"), new("none", null), new("{OriginalFormat}", "log lines dropped")]));

    [Fact]
    public void Values_that_are_in_the_text_are_not_repeated() => Assert.Equal(
        "12:00:00 info  Some.Category: listening on x\n",
        Write(LogLevel.Information, "listening on x", null, [new("address", "x"), new("{OriginalFormat}", "listening on {address}")]));

    [Fact]
    public void An_exception_stands_below()
    {
        var exception = new IOException("two\nlines", new TimeoutException("inner"));

        Assert.Equal(
            "12:00:00 critical Some.Category: failed\n" + string.Concat(exception.ToString().Split('\n').Select(static line => $"    {line}\n")),
            Write(LogLevel.Critical, "failed", exception, []));
    }

    [Fact]
    public void Nothing_that_is_logged_is_a_command_to_the_terminal()
    {
        var written = Write(LogLevel.Error, "\e[2J", new IOException("\e]0;title\a\u009b31m"), [new("\e[1m", "\e[31m")]);

        Assert.DoesNotContain(written, static character => char.IsControl(character) && character != '\n');
        Assert.StartsWith("12:00:00 error Some.Category: \\u001B[2J \\u001B[1m=\"\\u001B[31m\"\n", written, StringComparison.Ordinal);
    }

    private static string Write(LogLevel level, string message, Exception? exception, List<KeyValuePair<string, object?>> values) =>
        JsonLineFormatterTests.Write(new PlainLineFormatter(new TestClock()), level, message, exception, values);
}
