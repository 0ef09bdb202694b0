using System.Globalization;

namespace Tests.Logging;

/// <summary>The rules for each line of a service, on both outputs.</summary>
internal static class LogLine
{
    private static readonly string[] Levels = ["trace", "debug", "info", "warn", "error", "critical"];

    /// <summary>Reads all lines that an ended process wrote; the test fails at one that is not as it must be, or holds what it must not.</summary>
    public static IReadOnlyList<JsonObject> ReadAll(ServiceProcess process, string secret) =>
        [.. process.Output.Concat(process.Errors).Select(line => Read(line, secret))];

    private static JsonObject Read(string text, string secret)
    {
        Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("whsec_", text, StringComparison.Ordinal);
        var line = JsonNode.Parse(text)!.AsObject();
        Assert.True(
            DateTimeOffset.TryParseExact((string?)line["timestamp"], "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) && at.Offset == TimeSpan.Zero,
            text);
        var (level, message) = ((string?)line["level"], (string?)line["msg"]);
        Assert.Contains(level, Levels);
        Assert.False(string.IsNullOrWhiteSpace(message), text);
        Assert.True(level is not ("error" or "critical") || ((string?)line["error"])?.Length > 0, text);
        if (IsOfAnEvent(line, message!))
        {
            Assert.True(((string?)line["correlation_id"])?.Length > 0 && ((string?)line["event_id"])?.Length == 32, text);
        }

        return line;
    }

    private static bool IsOfAnEvent(JsonObject line, string message) =>
        line.ContainsKey("event_id")
        || (!line.ContainsKey("left_out") && (message.StartsWith("event ", StringComparison.Ordinal) || message.StartsWith("dead letter ", StringComparison.Ordinal)));
}
