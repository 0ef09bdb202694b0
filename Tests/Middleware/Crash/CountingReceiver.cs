using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Middleware.Crash;

/// <summary>A receiver on the loopback that counts how often each event came; it can be told to keep silent.</summary>
internal sealed class CountingReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _times = new();
    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CountingReceiver(WebApplication app)
    {
        _app = app;
        _open.SetResult();
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>The ids of the events that were answered.</summary>
    public ICollection<string> Received => _times.Keys;

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

    public void Release() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        await _open.Task.WaitAsync(context.RequestAborted);
        _times.AddOrUpdate(context.Request.Headers["webhook-id"].ToString(), 1, static (_, times) => times + 1);
    }
}
