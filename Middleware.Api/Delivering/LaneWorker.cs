using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Delivering;

/// <summary>
/// A worker of a lane: takes the next shipment and delivers it, until none is ready or its token is cancelled. A defect of its own ends it after a pause.
/// </summary>
internal sealed partial class LaneWorker(
    EndpointId endpoint,
    Lane lane,
    DeliverShipment deliver,
    StopSignals stop,
    Defects defects,
    TimeProvider clock,
    ILogger<LaneWorker> logger)
{
    private static readonly TimeSpan PauseAfterDefect = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken leave)
    {
        try
        {
            while (await lane.TakeAsync(leave) is { } taken)
            {
                await DeliverAsync(taken);
            }
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested || IsStopping())
        {
            WorkerStopped(endpoint.Value);
        }
        catch (Exception exception)
        {
            try
            {
                defects.Note("worker", exception, (null, null, endpoint.Value));
            }
            finally
            {
                // The next one starts when this ends: a failure before the first delivery must not go round without a pause.
                await Task.Delay(PauseAfterDefect, clock, leave).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task DeliverAsync(TakenShipment taken)
    {
        var (shipment, pass) = taken;
        try
        {
            var left = await deliver.ExecuteAsync(shipment, pass, stop);
            foreach (var waiting in left)
            {
                GivenBack(waiting.First.Event.CorrelationId, waiting.IdText, endpoint.Value);
            }

            lane.End(shipment, left, wasProbe: left.Count == 1 && pass.IsProbe);
        }
        finally
        {
            pass.Leave();
        }
    }

    private bool IsStopping() => stop.NoNewTries.IsCancellationRequested || stop.GiveUp.IsCancellationRequested;

    [LoggerMessage(LogLevel.Debug, "worker stopped")]
    private partial void WorkerStopped(string endpoint);

    [LoggerMessage(LogLevel.Debug, "delivery waits again")]
    private partial void GivenBack(string correlationId, string id, string endpoint);
}

/// <summary>The shipment that a worker took, and the pass under which it is delivered, which must be left.</summary>
internal readonly record struct TakenShipment(Shipment Shipment, CircuitPass Pass);
