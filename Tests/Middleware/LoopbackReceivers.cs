using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Middleware;

/// <summary>
/// Receivers on the loopback, one for each first part of a path, that count how often each event came to them, alone or in a batch. Each
/// can be told to keep silent.
/// </summary>
internal sealed class LoopbackReceivers : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<(string Receiver, string EventId), int> _times = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();

    private LoopbackReceivers(WebApplication app) => _app = app;

    public static async Task<LoopbackReceivers> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receivers = new LoopbackReceivers(builder.Build());
        receivers._app.Run(receivers.ReceiveAsync);
        await receivers._app.StartAsync(Waiting.Cancellation);
        return receivers;
    }

    /// <summary>Where a receiver is.</summary>
    public Uri Url(string receiver) => new(new Uri(_app.Urls.First()), receiver);

    /// <summary>How often an event came to a receiver, answered or not.</summary>
    public int Times(string receiver, string eventId) => _times.GetValueOrDefault((receiver, eventId));

    /// <summary>From now on this receiver answers nothing.</summary>
    public void Hold(string receiver) => _held[receiver] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string receiver)
    {
        if (_held.TryRemove(receiver, out var held))
        {
            held.SetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var receiver in _held.Keys)
        {
            Release(receiver);
        }

        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var receiver = context.Request.Path.Value!.Split('/')[1];
        var body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        foreach (var item in body is JsonArray batch ? batch : [body])
        {
            // CloudEvents call it by another name.
            var id = (string)(item!["event_id"] ?? item["id"])!;
            _times.AddOrUpdate((receiver, id), 1, static (_, times) => times + 1);
        }

        if (_held.TryGetValue(receiver, out var held))
        {
            await held.Task.WaitAsync(context.RequestAborted);
        }
    }
}
