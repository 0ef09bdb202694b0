using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Middleware.Crash;

/// <summary>A receiver on the loopback that counts how often each event came, replays by themselves; it can be told to keep silent or to refuse.</summary>
internal sealed class CountingReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _times = new();
    private readonly ConcurrentDictionary<(string Replay, string Event), int> _replayed = new();
    private int _left = int.MaxValue;
    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CountingReceiver(WebApplication app)
    {
        _app = app;
        _open.SetResult();
    }

    /// <summary>What it answers with.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    public Uri Address => new(_app.Urls.First());

    /// <summary>The ids of the events that were answered, replays left out.</summary>
    public ICollection<string> Received => _times.Keys;

    /// <summary>How often an event was answered with the id of a replay.</summary>
    public IReadOnlyDictionary<(string Replay, string Event), int> Replayed => _replayed;

    public IEnumerable<string> Duplicates => _times.Where(static seen => seen.Value > 1).Select(static seen => seen.Key);

    public int DuplicateCount => _times.Values.Sum(static times => times - 1);

    public static async Task<CountingReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new CountingReceiver(builder.Build());
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>From now on nothing is answered, nor counted.</summary>
    public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on so many are answered, and nothing after them.</summary>
    public void ReleaseOnly(int count)
    {
        Volatile.Write(ref _left, count);
        _open.TrySetResult();
    }

    public void Release() => ReleaseOnly(int.MaxValue);

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        if (Interlocked.Decrement(ref _left) == -1)
        {
            Hold();
        }

        await _open.Task.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = Status;
        var id = context.Request.Headers["webhook-id"].ToString();
        if (context.Request.Headers["X-Replay-Id"].ToString() is { Length: > 0 } replay)
        {
            _replayed.AddOrUpdate((replay, id), 1, static (_, times) => times + 1);
        }
        else
        {
            _times.AddOrUpdate(id, 1, static (_, times) => times + 1);
        }
    }
}
