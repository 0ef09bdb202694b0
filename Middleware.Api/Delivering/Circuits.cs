using System.Collections.Concurrent;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The circuits of the served endpoints, for readers of their state.</summary>
internal sealed partial class Circuits(TimeProvider clock, ILogger<Circuits> logger)
{
    private readonly ConcurrentDictionary<EndpointId, Circuit> _all = [];

    /// <summary>Raised at each opening, on the thread of the attempt: subscribers return at once and do not throw.</summary>
    public event Action<EndpointId, CircuitOpening>? Opened;

    public IEnumerable<(EndpointId Endpoint, Circuit Circuit)> All => _all.Select(static one => (one.Key, one.Value));

    /// <summary>Closed for an endpoint that is not served.</summary>
    public CircuitState StateOf(EndpointId endpoint) => _all.TryGetValue(endpoint, out var circuit) ? circuit.State : CircuitState.Closed;

    /// <summary>The recent attempts of an endpoint; none for one that is not served.</summary>
    public TrySummary TriesOf(EndpointId endpoint) => _all.TryGetValue(endpoint, out var circuit) ? circuit.Recent.Read() : default;

    /// <summary>Makes the circuit of an endpoint that is served from now on; the caller disposes of it.</summary>
    public Circuit Add(EndpointId endpoint, CancellationToken stop)
    {
        var circuit = _all[endpoint] = new Circuit(clock, stop);
        circuit.Opened += opening => Tell(endpoint, opening);
        circuit.Closed += () => ClosedAgain(endpoint.Value);
        return circuit;
    }

    /// <summary>Raises and logs an opening.</summary>
    public void Tell(EndpointId endpoint, CircuitOpening opening)
    {
        OpenedFor(endpoint.Value, opening.OpenFor.TotalSeconds, opening.Tries, Text(opening.Failures));
        Opened?.Invoke(endpoint, opening);
    }

    public void Remove(EndpointId endpoint) => _all.TryRemove(endpoint, out _);

    /// <summary>The failures by reason, the most frequent first.</summary>
    public static string Text(IReadOnlyDictionary<string, int> failures) =>
        string.Join(", ", failures.OrderByDescending(static reason => reason.Value).Select(static reason => $"{reason.Key} {reason.Value}"));

    [LoggerMessage(LogLevel.Warning, "circuit opened: its deliveries wait")]
    private partial void OpenedFor(string endpoint, double seconds, int tries, string failures);

    [LoggerMessage(LogLevel.Information, "circuit closed: deliveries go on")]
    private partial void ClosedAgain(string endpoint);
}

/// <summary>The opening of a circuit.</summary>
/// <param name="Failures">The failed attempts, by reason.</param>
/// <param name="Tries">All attempts of the window.</param>
/// <param name="OpenFor">The time for which nothing is sent.</param>
internal sealed record CircuitOpening(IReadOnlyDictionary<string, int> Failures, int Tries, TimeSpan OpenFor)
{
    /// <summary>False after a failed probe: then it had been open before.</summary>
    public bool WasClosed => OpenFor == Circuit.ShortestOpening;
}
