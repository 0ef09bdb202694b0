using System.Collections.Frozen;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Runs the lanes: opens the store, feeds each lane with what is committed and runs its workers until the stop.</summary>
internal sealed partial class LaneHost(
    IEventStore store,
    EndpointRegistry endpoints,
    DeliverEvent deliver,
    ShutdownSettings shutdown,
    TimeProvider clock,
    ILoggerFactory loggers,
    ILogger<LaneHost> logger) : BackgroundService, IDeliverySink
{
    private FrozenDictionary<EndpointId, Lane> _lanes = FrozenDictionary<EndpointId, Lane>.Empty;
    private readonly CancellationTokenSource _noNewTries = new();
    private volatile bool _draining;
    private Task? _opened;

    /// <summary>True while workers take deliveries.</summary>
    public bool IsRunning => ExecuteTask is { IsCompleted: false } || (ExecuteTask is not null && endpoints.All.IsEmpty);

    /// <summary>Opens the store; before the host starts, so that a store that cannot be opened is a line and no failure of the host.</summary>
    public Task OpenAsync(CancellationToken cancellationToken)
    {
        if (_opened is null)
        {
            _lanes = endpoints.All.ToFrozenDictionary(
                static endpoint => endpoint.Id,
                endpoint => new Lane(endpoint.Id, store, clock, loggers.CreateLogger<Lane>()));
            _opened = store.OpenAsync(this, cancellationToken);
        }

        return _opened;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        foreach (var lane in _lanes.Values)
        {
            lane.Start();
        }

        await base.StartAsync(cancellationToken);
    }

    public void Committed(Delivery delivery) => _lanes.GetValueOrDefault(delivery.EndpointId)?.Offer(delivery);

    /// <summary>What is queued for an endpoint that is gone stays pending: it has no lane to tell.</summary>
    public void Queued(EndpointId endpoint, Priority priority, long sequence)
    {
        if (_lanes.TryGetValue(endpoint, out var lane))
        {
            lane.Queued(priority, sequence);
        }
    }

    /// <summary>
    /// Tries under way may finish within the time-out. A durable store keeps the rest; one that forgets is drained, and what is left
    /// then is lost and counted in an error line.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (store.IsDurable)
        {
            await _noNewTries.CancelAsync();
        }
        else
        {
            _draining = true;
            foreach (var (endpoint, lane) in _lanes)
            {
                CompleteIfDrained(endpoint, lane);
            }
        }

        if (ExecuteTask is { } workers)
        {
            await Task.WhenAny(workers, Task.Delay(shutdown.Timeout, clock, cancellationToken));
        }

        await _noNewTries.CancelAsync();
        await base.StopAsync(cancellationToken);

        var lost = store.IsDurable ? 0 : endpoints.All.Sum(endpoint => store.Waiting(endpoint.Id));
        if (lost > 0)
        {
            Lost(lost, shutdown.Timeout.TotalSeconds);
        }
    }

    public override void Dispose()
    {
        foreach (var lane in _lanes.Values)
        {
            lane.Dispose();
        }

        // The container owns this twice, as itself and as a hosted service, and disposes of it for each.
        _lanes = FrozenDictionary<EndpointId, Lane>.Empty;

        // Cancelled and not disposed, as the base class does with its own: a stop may still come.
        _noNewTries.Cancel();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var stop = new StopSignals(_noNewTries.Token, stoppingToken);
        var workers =
            from endpoint in endpoints.All
            from number in Enumerable.Range(1, endpoint.Workers)
            select Task.Run(() => WorkAsync(endpoint.Id, _lanes[endpoint.Id], stop), CancellationToken.None);

        return Task.WhenAll(workers);
    }

    private async Task WorkAsync(EndpointId endpoint, Lane lane, StopSignals stop)
    {
        try
        {
            while (await lane.TakeAsync(stop.NoNewTries) is { } delivery)
            {
                await DeliverAsync(delivery, stop);
                if (_draining)
                {
                    CompleteIfDrained(endpoint, lane);
                }
            }
        }
        catch (OperationCanceledException) when (IsStopping(stop))
        {
            WorkerStopped(endpoint.Value);
        }
    }

    private async Task DeliverAsync(Delivery delivery, StopSignals stop)
    {
        try
        {
            await deliver.ExecuteAsync(delivery, stop);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !IsStopping(stop))
        {
            // A failed delivery is an outcome; what is thrown is a defect, and must not end the worker. The delivery stays pending.
            DeliveryFaulted(exception, delivery.Event.CorrelationId, delivery.Event.IdText, delivery.EndpointId.Value);
        }
    }

    private static bool IsStopping(StopSignals stop) =>
        stop.NoNewTries.IsCancellationRequested || stop.GiveUp.IsCancellationRequested;

    private void CompleteIfDrained(EndpointId endpoint, Lane lane)
    {
        if (store.Waiting(endpoint) == 0)
        {
            lane.Complete();
        }
    }

    [LoggerMessage(LogLevel.Error, "{Lost} accepted events were lost: they could not be delivered within {SecondsGiven} s of the stop and the memory store keeps nothing")]
    private partial void Lost(int lost, double secondsGiven);

    [LoggerMessage(LogLevel.Debug, "worker stopped")]
    private partial void WorkerStopped(string endpoint);

    [LoggerMessage(LogLevel.Critical, "a delivery ended in a defect and stays pending")]
    private partial void DeliveryFaulted(Exception exception, string correlationId, string eventId, string endpoint);
}
