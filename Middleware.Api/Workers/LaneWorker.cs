using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>What each worker of a lane does: takes the next delivery, delivers it and tells of its end, until it is told to leave.</summary>
internal sealed partial class LaneWorker(
    EndpointId endpoint, Lane lane, DeliverEvent deliver, DeliverBatch deliverBatch, StopSignals stop, Action<EndpointId, Lane> ended, ILogger<LaneWorker> logger)
{
    public async Task RunAsync(CancellationToken leave)
    {
        try
        {
            while (await lane.TakeAsync(leave) is { } taken)
            {
                await DeliverAsync(taken);
                ended(endpoint, lane);
            }
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested || IsStopping())
        {
            WorkerStopped(endpoint.Value);
        }
    }

    private async Task DeliverAsync(TakenDelivery taken)
    {
        var (delivery, batch, pass) = taken;
        try
        {
            var signals = new StopSignals(pass.Ended, stop.GiveUp, pass);
            if (batch is null)
            {
                await deliver.ExecuteAsync(delivery, signals);
                return;
            }

            foreach (var half in await deliverBatch.ExecuteAsync(batch, signals))
            {
                lane.GiveBack(half);
            }
        }
        catch (OperationCanceledException) when (pass.Ended.IsCancellationRequested && !IsStopping())
        {
            GivenBack(delivery.Event.CorrelationId, delivery.Event.IdText, endpoint.Value);
            lane.GiveBack(taken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !IsStopping())
        {
            // A failed delivery is an outcome; what is thrown is a defect, and must not end the worker. The delivery stays pending.
            DeliveryFaulted(exception, delivery.Event.CorrelationId, delivery.Event.IdText, endpoint.Value);
        }
        finally
        {
            pass.Leave();
        }
    }

    private bool IsStopping() => stop.NoNewTries.IsCancellationRequested || stop.GiveUp.IsCancellationRequested;

    [LoggerMessage(LogLevel.Debug, "worker stopped")]
    private partial void WorkerStopped(string endpoint);

    [LoggerMessage(LogLevel.Debug, "delivery waits: the circuit opened between its tries")]
    private partial void GivenBack(string correlationId, string eventId, string endpoint);

    [LoggerMessage(LogLevel.Critical, "a delivery ended in a defect and stays pending")]
    private partial void DeliveryFaulted(Exception exception, string correlationId, string eventId, string endpoint);
}
