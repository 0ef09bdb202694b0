using AspireIntegration.Console.Wording;
using Tests.Supply;

namespace Tests.Console.Wording;

/// <summary>The command that posts an event again, as a real shell reads it.</summary>
public sealed class QuotingForAShell
{
    private static readonly Uri Middleware = new("http://middleware.test:8080");

    public static TheoryData<string> Messages =>
    [
        "plain", "it's", "'; touch /tmp/owned; '", "$(reboot) `reboot` $KEY \\", "two\nlines\r\n", "@/etc/passwd", "\"double\" \\\" \\n", "\u001b[2J\u0007\u009b31m\u007f", "\u202eturned \u2028 ü 😀", "EOF\nEOF",
        "' " + new string('x', 60_000) + " \n'",
    ];

    [Theory(Timeout = Waiting.TestLimit)]
    [MemberData(nameof(Messages))]
    public async Task Whatever_a_payload_has_it_is_one_word_and_the_same_event(string message)
    {
        var sent = new JsonObject
        {
            ["event_id"] = "0198c0de000070008000000000000000",
            ["source"] = message.Length > 256 ? "long" : message,
            ["event_type"] = "made",
            ["severity"] = "low",
            ["message"] = message,
            ["metadata"] = new JsonObject { [message] = message, ["number"] = 1.50m },
        };
        using var payload = JsonDocument.Parse(sent.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

        var command = Curl.PostAgain(Middleware, payload.RootElement)!;
        var words = await WordsAsync(command);

        Assert.All(command, static letter => Assert.True(letter is (>= ' ' and <= '~') or '\n'));
        Assert.Equal(["-X", "POST", "http://middleware.test:8080/integrations/events", "-H", "Authorization: Bearer the-key", "-H", "Content-Type: application/json"], words[..7]);
        Assert.Contains(words[7], (string[])["--data-raw", "--data-binary"]);
        sent.Remove("event_id");
        Assert.True(JsonNode.DeepEquals(sent, JsonNode.Parse(words[8])), words[8]);
        Assert.Equal(9, words.Length);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_too_long_for_a_word_comes_by_the_standard_input()
    {
        using var payload = JsonDocument.Parse($$"""{"source":"a","event_type":"b","severity":"low","message":"it's {{new string('x', 150_000)}}"}""");

        var words = await WordsAsync(Curl.PostAgain(Middleware, payload.RootElement)!);

        Assert.Equal(["--data-binary", $$"""{"source":"a","event_type":"b","severity":"low","message":"it\u0027s {{new string('x', 150_000)}}"}"""], words[7..]);
    }

    [Fact]
    public void A_payload_that_is_no_event_has_no_command()
    {
        using var payload = JsonDocument.Parse("[1]");

        Assert.Null(Curl.PostAgain(Middleware, payload.RootElement));
    }

    [Fact]
    public void An_address_of_service_discovery_is_that_of_this_machine() =>
        Assert.StartsWith("curl -X POST 'http://localhost:8080/integrations/events' ", Curl.Sample(new Uri("https+http://middleware")), StringComparison.Ordinal);

    /// <summary>The words that curl would get; for standard input that text.</summary>
    private static async Task<string[]> WordsAsync(string command)
    {
        const string Print = """curl() { for word in "$@"; do if [ "$word" = "@-" ]; then cat | head -c -1; else printf '%s' "$word"; fi; printf '\0'; done; }""";

        var words = (await Command.RunAsync(Path.GetTempPath(), "/bin/sh", ["-s"], $"{Print}\n{command}\n", ("KEY", "the-key")).Succeeds()).Split('\0');

        // Nothing follows the last word: no complaint of the shell.
        Assert.Equal("", words[^1]);
        return words[..^1];
    }
}
