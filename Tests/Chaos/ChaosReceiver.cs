using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Tests.Chaos;

/// <summary>Answers as the receivers of the endpoints do: after a while, and some events not at once.</summary>
internal sealed class ChaosReceiver
{
    private readonly Dictionary<string, ChaosEndpoint> _endpoints = ChaosEndpoint.All.ToDictionary(static endpoint => endpoint.Name);
    private readonly ConcurrentDictionary<string, bool> _seen = new();

    /// <summary>True for an event that its receiver refuses for good.</summary>
    public static bool IsRefused(string id) => Of(id) % 20 == 0;

    public async Task AnswerAsync(HttpContext context)
    {
        var endpoint = _endpoints[context.Request.Path.Value!.Split('/')[1]];
        var id = context.Request.Headers["webhook-id"].ToString();
        var (least, most) = endpoint.Takes;
        await Task.Delay(TimeSpan.FromMilliseconds(least + (int)(Of(id) % (ulong)(most - least))), TimeProvider.System, context.RequestAborted);
        context.Response.StatusCode = endpoint.IsFlaky ? StatusOf(id) : StatusCodes.Status200OK;
    }

    private int StatusOf(string id) =>
        IsRefused(id) ? StatusCodes.Status400BadRequest
        : Of(id) % 5 == 0 && _seen.TryAdd(id, true) ? StatusCodes.Status503ServiceUnavailable
        : StatusCodes.Status200OK;

    private static ulong Of(string id) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(id)) >> 8;
}
