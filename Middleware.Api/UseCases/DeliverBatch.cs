using Middleware.Domain;
using ServiceDefaults;

namespace Middleware.UseCases;

/// <summary>Delivers a batch to its endpoint and has the store record what came of it for each of its events.</summary>
internal sealed partial class DeliverBatch(
    IEventStore store,
    IDeliveryClient client,
    EndpointRegistry endpoints,
    DeliveryResults results,
    DisableFailing disable,
    TimeProvider clock,
    ILogger<DeliverBatch> logger)
{
    private static readonly TimeSpan StoreRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Returns when the store has the outcomes in hand, or what is to be delivered instead: the halves of a batch that was refused for what
    /// is in it. Throws <see cref="OperationCanceledException"/> when the stop left it open; then it is the same batch the next time.
    /// </summary>
    public async Task<IReadOnlyList<DeliveryBatch>> ExecuteAsync(DeliveryBatch batch, StopSignals stop)
    {
        if (endpoints.Find(batch.EndpointId) is not { } endpoint)
        {
            return [];
        }

        stop.NoNewTries.ThrowIfCancellationRequested();
        using var underWay = results.Begin(batch.EndpointId);
        await KeepAsync(batch, stop.NoNewTries);

        using var span = MiddlewareTraces.StartDeliver(batch);
        var sent = await client.SendAsync(batch, endpoint, stop);
        results.Tried(batch.EndpointId, sent);

        IReadOnlyList<Attempt> attempts = [.. batch.AttemptsBefore, .. sent.Attempts.Select(attempt => attempt with { BatchId = batch.Id })];
        if (FailureReason.IsOfTheContent(sent.Last) && batch.Deliveries.Count > 1)
        {
            var (first, second) = batch.Halve(attempts, () => Ids.Create(clock.GetUtcNow()));
            MiddlewareTraces.Halved(span, sent.Last);
            Halved(batch.IdText, batch.EndpointId.Value, batch.Deliveries.Count, sent.Last.StatusCode!.Value, first.IdText, second.IdText);
            return [first, second];
        }

        var outcome = new DeliveryOutcome(attempts);
        IReadOnlyList<DeliveryOutcome> outcomes = [.. batch.Deliveries.Select(delivery => results.Decide(delivery, endpoint, outcome))];
        await store.RecordAsync(batch, outcomes, stop.GiveUp);
        MiddlewareTraces.Delivered(span, outcomes[0]);
        for (var index = 0; index < outcomes.Count; index++)
        {
            results.Tell(batch.Deliveries[index], outcomes[index]);
        }

        await disable.AfterAsync(endpoint, outcome);

        return [];
    }

    /// <summary>Nothing is sent that the store could not make whole again; while it cannot be written the batch waits.</summary>
    private async Task KeepAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await store.KeepBatchAsync(batch);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                NotKept(batch.IdText, batch.EndpointId.Value, exception.Message);
                await Task.Delay(StoreRetryDelay, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "batch refused: it is sent again in halves")]
    private partial void Halved(string batchId, string endpoint, int events, int statusCode, string firstBatchId, string secondBatchId);

    [LoggerMessage(LogLevel.Warning, "batch waits: the store cannot keep it, trying again in a second")]
    private partial void NotKept(string batchId, string endpoint, string error);
}
