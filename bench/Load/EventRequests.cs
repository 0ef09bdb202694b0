using System.Net;
using System.Text;

namespace Bench.Load;

/// <summary>The requests that are sent, made once: the sample event in sixteen variants, so that priorities and ids differ.</summary>
internal static class EventRequests
{
    private static readonly string[] Severities = ["critical", "high", "warning", "info"];

    public static byte[][] For(IPEndPoint target) =>
        [.. Enumerable.Range(1, 16).Select(n => Request(target, Body(n)))];

    private static string Body(int n) =>
        $$$"""{"source":"monitoring-system","event_type":"server_down","severity":"{{{Severities[n % 4]}}}","message":"Production server is not responding","metadata":{"server_id":"prod-web-{{{n:00}}}","region":"us-east-1"}}""";

    private static byte[] Request(IPEndPoint target, string body) => Encoding.ASCII.GetBytes(
        $"POST /integrations/events HTTP/1.1\r\nHost: {target}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
}
