using Microsoft.Extensions.Logging;
using Middleware.Endpoints;

namespace Tests.Middleware.Delivering;

/// <summary>Tests that have an endpoint with lanes of their own each.</summary>
public abstract class OnALane : IAsyncDisposable
{
    private LaneStage? _stage;

    private protected FakeDeliveryClient Client { get; } = new();

    private protected TestClock Clock { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await (_stage?.DisposeAsync() ?? default);
        GC.SuppressFinalize(this);
    }

    private protected LaneStage Stage(WebhookEndpoint? endpoint, ListStore? store = null, ILoggerFactory? loggers = null) =>
        _stage = new LaneStage(endpoint, Clock, Client, store, loggers);

    private protected async Task<LaneStage> Start(WebhookEndpoint? endpoint, ListStore? store = null, ILoggerFactory? loggers = null)
    {
        var stage = Stage(endpoint, store, loggers);
        await stage.Start();
        return stage;
    }
}
