using Microsoft.Extensions.Diagnostics.HealthChecks;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Replicas;
using Middleware.Telemetry;

namespace Middleware.Health;

/// <summary>
/// Degraded while a queue is full or a circuit is not closed. That is a receiver's trouble: the service stays ready. A probe costs the same however
/// many endpoints there are. It looks at some, the next one at those that follow, and all look again at the endpoints in trouble.
/// </summary>
internal sealed partial class EndpointsCheck(EndpointRegistry endpoints, IDeliveryStore store, LaneStates lanes, TimeProvider clock, ILogger<EndpointsCheck> logger) : IHealthCheck
{
    /// <summary>The endpoints without known trouble that a probe looks at, and the most in trouble that are remembered.</summary>
    public const int AtOnce = 100;

    /// <summary>The most endpoints that an answer names.</summary>
    public const int Named = 10;

    /// <summary>The time for which a probe waits for what other replicas have written.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, string> _inTrouble = new(StringComparer.Ordinal);
    private int _next;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            await lanes.RefreshAsync().WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            // The store has a check of its own.
            NotRefreshed(exception.Message);
        }

        lock (_gate)
        {
            LookAgain();
            LookAtNext();
            return _inTrouble.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(Description(), data: Data());
        }
    }

    private void LookAgain()
    {
        foreach (var id in _inTrouble.Keys.ToList())
        {
            Note(id, endpoints.Find(new EndpointId(id)));
        }
    }

    private void LookAtNext()
    {
        var all = endpoints.All;
        for (var looks = Math.Min(AtOnce, all.Length); looks > 0 && _inTrouble.Count < AtOnce; looks--)
        {
            _next = _next < all.Length ? _next : 0;
            Note(all[_next].Id.Value, all[_next]);
            _next++;
        }
    }

    private void Note(string id, WebhookEndpoint? endpoint)
    {
        if (endpoint is not null && TroubleOf(endpoint) is { } trouble)
        {
            _inTrouble[id] = trouble;
        }
        else
        {
            _inTrouble.Remove(id);
        }
    }

    private string? TroubleOf(WebhookEndpoint endpoint)
    {
        // A disabled endpoint waits on purpose.
        var waiting = endpoint.IsEnabled ? store.Waiting(endpoint.Id) : 0;
        var queue = endpoint.IsEnabled && endpoint.Queue.IsFull(waiting) ? $"queue full: {waiting} wait" : null;
        var circuit = endpoint.IsEnabled ? lanes.Of(endpoint.Id).Circuit : CircuitState.Closed;
        return (queue, circuit) switch
        {
            (_, CircuitState.Closed) => queue,
            (null, _) => Name(circuit),
            _ => $"{queue}; {Name(circuit)}",
        };
    }

    private static string Name(CircuitState circuit) => circuit == CircuitState.Open ? "circuit open" : "circuit half-open";

    private string Description()
    {
        var count = _inTrouble.Count;
        return $"{(count == AtOnce ? "at least " : "")}{count} {(count == 1 ? "endpoint has a full queue or fails" : "endpoints have a full queue or fail")}";
    }

    private Dictionary<string, object> Data() => _inTrouble.Take(Named).ToDictionary(static one => one.Key, static object (one) => one.Value);

    [LoggerMessage(LogLevel.Debug, "the states of lanes of other replicas are as they were")]
    private partial void NotRefreshed(string error);
}

/// <summary>Degraded for 5 minutes after a defect: the service goes on, and its operator should read its log.</summary>
internal sealed class DefectsCheck(Defects defects) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(defects.Recent is { } part
            ? HealthCheckResult.Degraded($"a defect in the part {part}; the log has it at level critical")
            : HealthCheckResult.Healthy());
}

/// <summary>Ready only while deliveries are taken from the lanes.</summary>
internal sealed class WorkersCheck(LaneHost lanes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, object> { ["lanes"] = lanes.Lanes };
        return Task.FromResult(lanes.IsRunning
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Unhealthy("deliveries are not taken", data: data));
    }
}
