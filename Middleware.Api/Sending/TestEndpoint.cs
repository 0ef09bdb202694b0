using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>Sends an endpoint a sample event, now and once, whatever its state. Nothing of it is kept or counted.</summary>
internal sealed partial class TestEndpoint(EndpointRegistry endpoints, IDeliveryClient client, TimeProvider clock, ILogger<TestEndpoint> logger)
{
    /// <summary>The attempt; null for an unknown endpoint.</summary>
    public async Task<EndpointAttempt?> ExecuteAsync(EndpointId id, string correlationId, string? traceParent, CancellationToken cancellationToken)
    {
        if (endpoints.Find(id) is not { } endpoint)
        {
            return null;
        }

        var told = new PlatformEvent("endpoint_test", "info", id, "This is a test of the endpoint: nothing happened, and nothing is to be done.", ("test", true));
        var sample = told.ToReceived().ToEvent(clock.GetUtcNow(), correlationId, traceParent);
        var attempt = await client.TestAsync(Shipment.Of(Delivery.Of(sample, sequence: 0, id)), endpoint, cancellationToken);
        Tested(correlationId, sample.IdText, id.Value, attempt.StatusCode, attempt.Reason, attempt.Error);
        return new EndpointAttempt(id, attempt);
    }

    [LoggerMessage(LogLevel.Information, "endpoint tested")]
    private partial void Tested(string correlationId, string eventId, string endpoint, int? statusCode, string? reason, string? error);
}
