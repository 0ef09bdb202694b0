using System.Text;
using System.Text.Json;

namespace AspireIntegration.Console.Wording;

/// <summary>Commands for a shell that do what a page does. Whatever a sender wrote is quoted, so that it stays one word without effect.</summary>
internal static class Curl
{
    // Linux takes no longer word.
    private const int LongestWord = 100_000;

    private const string Credential = "-H \"Authorization: Bearer $KEY\"";
    private const string Events = "/integrations/events";

    private static readonly string[] Members = ["source", "event_type", "severity", "message", "metadata"];

    /// <summary>The command that reads a path of the API.</summary>
    public static string Get(Uri middleware, string path) => $"curl {Quoted(At(middleware, path))} {Credential}";

    /// <summary>The command that posts JSON to a path of the API.</summary>
    public static string Post(Uri middleware, string path, string json)
    {
        var command = $"curl -X POST {Quoted(At(middleware, path))} {Credential} -H 'Content-Type: application/json'";
        return json.Length > LongestWord ? $"{command} --data-binary @- <<'EOF'\n{json}\nEOF" : $"{command} --data-raw {Quoted(json)}";
    }

    /// <summary>The command that registers a sample endpoint.</summary>
    public static string SampleEndpoint(Uri middleware) => Post(middleware, "/api/v1/endpoints", """{"name":"pager","url":"https://example.com/hook"}""");

    /// <summary>The command that posts a sample event.</summary>
    public static string Sample(Uri middleware) =>
        Post(middleware, Events, """{"source":"monitoring-system","event_type":"server_down","severity":"critical","message":"Server web-01 does not answer."}""");

    /// <summary>The command that posts an event again, by its payload; null for a payload that is no event.</summary>
    public static string? PostAgain(Uri middleware, JsonElement payload) => EventOf(payload) is { } json ? Post(middleware, Events, Plain(json)) : null;

    /// <summary>The members of a payload that a sender gave, byte for byte; null for a payload that is no event.</summary>
    public static string? EventOf(JsonElement payload)
    {
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var members = Members.Where(name => payload.TryGetProperty(name, out _)).Select(name => $"\"{name}\":{payload.GetProperty(name).GetRawText()}");
        return $"{{{string.Join(',', members)}}}";
    }

    /// <summary>One word of a POSIX shell.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // Service discovery has names that no shell knows.
    private static string At(Uri middleware, string path) =>
        (middleware.Scheme == Uri.UriSchemeHttp || middleware.Scheme == Uri.UriSchemeHttps ? middleware.GetLeftPart(UriPartial.Path).TrimEnd('/') : "http://localhost:8080") + path;

    /// <summary>The same JSON in visible ASCII without quotes of a shell: a terminal shows it as it is and obeys none of it.</summary>
    private static string Plain(string json)
    {
        var plain = new StringBuilder(json.Length);
        foreach (var letter in json)
        {
            // Below a space there are only breaks and tabs between members; the rest stands in strings, where it may be escaped.
            _ = letter < ' ' ? plain.Append(' ') : letter is '\'' or > '~' ? plain.Append($"\\u{(int)letter:x4}") : plain.Append(letter);
        }

        return plain.ToString();
    }
}
