using Middleware.Endpoints;
using Middleware.Storage;

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

    private protected async Task<LaneStage> Start(WebhookEndpoint? endpoint, IEventStore? store = null)
    {
        _stage = new LaneStage(endpoint, Clock, Client, store);
        await _stage.Start();
        return _stage;
    }
}
