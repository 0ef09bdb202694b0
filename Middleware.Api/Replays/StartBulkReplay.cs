using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Replays;

/// <summary>Creates a bulk replay, or counts its deliveries.</summary>
internal sealed partial class StartBulkReplay(IBulkReplayStore replays, EndpointRegistry endpoints, ILogger<StartBulkReplay> logger)
{
    /// <summary>The most replays that run at once.</summary>
    public const int MostRunning = 20;

    private const int MostNamed = 5;

    /// <summary>Counts the deliveries of an order; nothing is kept.</summary>
    public ReplayCount Count(ReplayOrder order) => replays.Count(order, id => endpoints.Find(id) is not null);

    /// <inheritdoc cref="IBulkReplayStore.UnknownOf"/>
    public IReadOnlyList<string> UnknownOf(ReplayOrder order) => order.Ids is null ? [] : replays.UnknownOf(order, MostNamed);

    /// <summary>Null when too many run already.</summary>
    public async Task<BulkReplay?> ExecuteAsync(ReplayOrder order, Actor by)
    {
        var replay = await replays.AddAsync(order, Count(order), MostRunning, by);
        if (replay is { Order.Erases: true })
        {
            ErasureCreated(replay.Id, replay.Total.Deliveries);
        }
        else if (replay is { Order.Action: ReplayAction.Discard })
        {
            DiscardCreated(replay.Id, replay.Total.Deliveries, order.RatePerSecond);
        }
        else if (replay is not null)
        {
            Created(replay.Id, order.Of.ToString(), replay.Total.Deliveries, order.RatePerSecond);
        }

        return replay;
    }

    [LoggerMessage(LogLevel.Warning, "bulk erasure created")]
    private partial void ErasureCreated(string erasureId, long events);

    [LoggerMessage(LogLevel.Warning, "bulk discard created")]
    private partial void DiscardCreated(string replayId, long deliveries, int? ratePerSecond);

    [LoggerMessage(LogLevel.Information, "replay created")]
    private partial void Created(string replayId, string subject, long deliveries, int? ratePerSecond);
}
