using System.Text;
using static System.FormattableString;

namespace Bench.Load;

/// <summary>The requests that are sent, made once: the sample event in variants, so that priorities and ids differ.</summary>
internal static class EventRequests
{
    private static readonly string[] Severities = ["critical", "high", "warning", "info"];

    private static readonly char[] Text = [.. "abcdefghijklmnopqrstuvwxyz0123456789"];

    /// <summary>The names of so many event types.</summary>
    public static string[] Types(int count) => [.. Enumerable.Range(0, count).Select(static number => Invariant($"kind_{number}"))];

    /// <summary>Sixteen variants, with an API key where one is given.</summary>
    public static byte[][] For(IPEndPoint target, string? key = null) =>
        [.. Enumerable.Range(1, 16).Select(n => Request(target, Body(n, "server_down", ""), key is null ? "" : $"Authorization: Bearer {key}\r\n"))];

    /// <summary>Each event type in turn, then again with the next severity; each with room for the moment of sending.</summary>
    public static byte[][] For(IPEndPoint target, string[] eventTypes) =>
        InTurn(eventTypes, (round, eventType) => Request(target, Body(round, eventType, $",{SentStamp.Member}")));

    /// <summary>One of each source, which ends in its number.</summary>
    public static byte[][] ForKeys(IPEndPoint target, int keys) =>
        [.. Enumerable.Range(0, keys).Select(key => Request(target, Body(key % 16, "server_down", "", $"key-{key:00000}")))];

    /// <summary>Each event type in turn, then again with the next severity, with a body of so many bytes. It is filled with text that does not compress.</summary>
    public static byte[][] OfSize(IPEndPoint target, int bytes, params string[] eventTypes)
    {
        var random = new Random(1);
        return InTurn(eventTypes, (round, eventType) => Request(target, Filled(Body(round, eventType, ",\"detail\":\"\""))));

        string Filled(string body) => body.Insert(body.Length - "\"}}".Length, new string(random.GetItems(Text, bytes - body.Length)));
    }

    private static byte[][] InTurn(string[] eventTypes, Func<int, string, byte[]> request) =>
        [.. from round in Enumerable.Range(0, Severities.Length) from eventType in eventTypes select request(round, eventType)];

    private static string Body(int n, string eventType, string more, string source = "monitoring-system") =>
        $$$"""{"source":"{{{source}}}","event_type":"{{{eventType}}}","severity":"{{{Severities[n % 4]}}}","message":"Production server is not responding","metadata":{"server_id":"prod-web-{{{n:00}}}","region":"us-east-1"{{{more}}}}}""";

    private static byte[] Request(IPEndPoint target, string body, string headers = "") => Encoding.ASCII.GetBytes(
        $"POST /integrations/events HTTP/1.1\r\nHost: {target}\r\nContent-Type: application/json\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}");
}
