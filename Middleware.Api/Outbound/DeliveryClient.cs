using System.Collections.Concurrent;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Outbound;

/// <summary>Sends deliveries, each endpoint over its own connections and its own pipeline.</summary>
internal sealed class DeliveryClient(EndpointPipelineFactory pipelines, TimeProvider clock) : IDeliveryClient, IDisposable
{
    private readonly ConcurrentDictionary<EndpointId, EndpointPipeline> _pipelines = [];

    public Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, StopSignals stop)
    {
        var attempts = new AttemptLog(delivery.AttemptsBefore, clock, stop);
        return SendAsync(DeliveryRequest.Create(delivery, endpoint, attempts), endpoint, attempts, stop);
    }

    public Task<DeliveryOutcome> SendAsync(DeliveryBatch batch, WebhookEndpoint endpoint, StopSignals stop)
    {
        var attempts = new AttemptLog(batch.AttemptsBefore.Count, clock, stop);
        return SendAsync(DeliveryRequest.Create(batch, endpoint, attempts), endpoint, attempts, stop);
    }

    public async Task<Attempt> TestAsync(Delivery delivery, WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        // Not the pipeline that deliveries run on: neither is to wait for the other, and a test is never tried again.
        var once = endpoint with { Retries = endpoint.Retries with { MaxRetries = 0 } };
        using var pipeline = pipelines.Create(once);
        var stop = new StopSignals(cancellationToken, cancellationToken);
        var attempts = new AttemptLog(attemptsBefore: 0, clock, stop);
        return (await SendAsync(DeliveryRequest.CreateTest(delivery, once, attempts), once, attempts, stop, pipeline)).Last;
    }

    public void Dispose()
    {
        foreach (var pipeline in _pipelines.Values)
        {
            pipeline.Dispose();
        }
    }

    private async Task<DeliveryOutcome> SendAsync(
        HttpRequestMessage owned, WebhookEndpoint endpoint, AttemptLog log, StopSignals stop, EndpointPipeline? pipeline = null)
    {
        using var request = owned;
        using var attempts = log;
        try
        {
            using var response = await (pipeline ?? PipelineOf(endpoint)).SendAsync(request, attempts.Cancelled);
        }
        catch (Exception exception) when (!attempts.Cancelled.IsCancellationRequested)
        {
            // The try noted its failure. A failure outside of a try (the total time-out in a pause, a defect) is noted here.
            attempts.NoteFailureOutsideOfTry(exception);
        }
        catch (Exception) when (attempts.IsDecided(endpoint.Retries))
        {
            // The stop came after the try that decides.
            return new DeliveryOutcome(attempts.Attempts);
        }

        return attempts.IsDecided(endpoint.Retries)
            ? new DeliveryOutcome(attempts.Attempts)
            : throw new OperationCanceledException("The stop left the delivery open.", stop.NoNewTries);
    }

    private EndpointPipeline PipelineOf(WebhookEndpoint endpoint)
    {
        var pipeline = _pipelines.GetOrAdd(endpoint.Id, static (_, state) => state.pipelines.Create(state.endpoint), (pipelines, endpoint));
        if (ReferenceEquals(pipeline.Endpoint, endpoint))
        {
            return pipeline;
        }

        // A changed endpoint gets a new pipeline; the old one goes when the deliveries that run on it are done and it is collected.
        return _pipelines[endpoint.Id] = pipelines.Create(endpoint);
    }
}
