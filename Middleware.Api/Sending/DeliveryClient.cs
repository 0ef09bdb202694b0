using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>Sends shipments over HTTP, each endpoint's over connections of its own.</summary>
internal sealed class DeliveryClient(EndpointTransports transports, EndpointSecrets secrets, RetryAfterLimit retryAfter, TimeProvider clock) : IDeliveryClient
{
    public Task<Attempt> SendAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        SendAsync(shipment, endpoint, isTest: false, cancellationToken);

    public Task<Attempt> TestAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        SendAsync(shipment, endpoint, isTest: true, cancellationToken);

    private async Task<Attempt> SendAsync(Shipment shipment, WebhookEndpoint endpoint, bool isTest, CancellationToken cancellationToken)
    {
        var attempt = new Attempt { BatchId = shipment.BatchId, Number = shipment.NextNumber, StartedAt = clock.GetUtcNow(), Duration = default };
        var started = clock.GetTimestamp();
        using var span = DeliveryTraces.StartTry(endpoint.Url, attempt.Number);
        using var timeout = new CancellationTokenSource(endpoint.Retries.Timeout, clock);
        await using var cancel = cancellationToken.UnsafeRegister(static timeout => ((CancellationTokenSource)timeout!).Cancel(), timeout);
        try
        {
            var now = secrets.Read(endpoint);
            using var transport = isTest ? transports.Create(now) : transports.Of(now);
            using var request = DeliveryRequest.Create(shipment, now, attempt, isTest, span?.Id);
            using var response = await transport.SendAsync(request, timeout.Token);
            attempt = ReceiverAnswer.Note(attempt, response, retryAfter.Of(response, clock.GetUtcNow()));
            attempt = attempt with { Response = await ReceiverAnswer.ReadStartAsync(response, timeout.Token) };
        }
        catch (Exception exception) when (FailureClassifier.Classify(exception) is var (reason, error) && !cancellationToken.IsCancellationRequested)
        {
            attempt = attempt with { Reason = reason, Error = error };
        }

        attempt = attempt with { Duration = clock.GetElapsedTime(started) };
        DeliveryTraces.Tried(span, attempt);
        return attempt;
    }
}
