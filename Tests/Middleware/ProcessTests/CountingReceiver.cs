using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Middleware.ProcessTests;

/// <summary>A receiver that answers nobody until it is released, and then counts what it gets by its id.</summary>
internal sealed class CountingReceiver : IAsyncDisposable
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private int _asked;

    private CountingReceiver(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, int> Ids { get; } = new();

    public int Asked => Volatile.Read(ref _asked);

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/alerts";

    public static async Task<CountingReceiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new CountingReceiver(builder.Build());
        receiver._app.Run(async context =>
        {
            Interlocked.Increment(ref receiver._asked);
            await receiver._released.Task.WaitAsync(context.RequestAborted);
            receiver.Ids.AddOrUpdate(context.Request.Headers["webhook-id"].ToString(), 1, static (_, count) => count + 1);
        });
        await receiver._app.StartAsync(Waiting.Cancellation);
        return receiver;
    }

    public void Release() => _released.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Release();
        return _app.DisposeAsync();
    }
}
