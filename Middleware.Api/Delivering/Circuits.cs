using System.Collections.Concurrent;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The circuits of the served lanes, for readers of their state.</summary>
internal sealed partial class Circuits(TimeProvider clock, ILogger<Circuits> logger)
{
    private readonly ConcurrentDictionary<EndpointId, Circuit?[]> _all = [];

    /// <summary>Raised at each opening, on the thread of the attempt: subscribers return at once and do not throw.</summary>
    public event Action<EndpointId, CircuitOpening>? Opened;

    /// <summary>The shard of each, and its circuit.</summary>
    public IEnumerable<(EndpointId Endpoint, int Shard, Circuit Circuit)> All => _all.SelectMany(static one => one.Value.Index()
        .Where(static of => of.Item is not null).Select(of => (one.Key, of.Index, of.Item!)));

    /// <summary>True for an endpoint of which a lane is served here.</summary>
    public bool Has(EndpointId endpoint) => _all.ContainsKey(endpoint);

    /// <summary>The state of an endpoint's lanes here, the worst of them; closed for one that is not served.</summary>
    public CircuitState StateOf(EndpointId endpoint) => Of(endpoint).Select(static circuit => circuit.State).DefaultIfEmpty().Max();

    /// <summary>The recent attempts of an endpoint's lanes here; none for one that is not served.</summary>
    public TrySummary TriesOf(EndpointId endpoint) => Of(endpoint).Aggregate(default(TrySummary), static (sum, circuit) => sum.And(circuit.Recent.Read()));

    /// <summary>Makes the circuit of a lane that is served from now on; the caller disposes of it. Lanes are added and removed one at a time.</summary>
    public Circuit Add(LaneId lane, CancellationToken stop)
    {
        var circuit = new Circuit(clock, stop);
        Set(lane, circuit);
        circuit.Opened += opening => Tell(lane.Endpoint, opening);
        circuit.Closed += () => ClosedAgain(lane.Endpoint.Value);
        return circuit;
    }

    /// <summary>Raises and logs an opening.</summary>
    public void Tell(EndpointId endpoint, CircuitOpening opening)
    {
        OpenedFor(endpoint.Value, opening.OpenFor.TotalSeconds, opening.Tries, Text(opening.Failures));
        Opened?.Invoke(endpoint, opening);
    }

    public void Remove(LaneId lane) => Set(lane, circuit: null);

    /// <summary>The failures by reason, the most frequent first.</summary>
    public static string Text(IReadOnlyDictionary<string, int> failures) =>
        string.Join(", ", failures.OrderByDescending(static reason => reason.Value).Select(static reason => $"{reason.Key} {reason.Value}"));

    private IEnumerable<Circuit> Of(EndpointId endpoint) => _all.GetValueOrDefault(endpoint, []).OfType<Circuit>();

    private void Set(LaneId lane, Circuit? circuit)
    {
        Circuit?[] byShard = [.. _all.GetValueOrDefault(lane.Endpoint, [])];
        Array.Resize(ref byShard, Math.Max(byShard.Length, lane.Shard + 1));
        byShard[lane.Shard] = circuit;
        if (Array.TrueForAll(byShard, static one => one is null))
        {
            _all.TryRemove(lane.Endpoint, out _);
        }
        else
        {
            _all[lane.Endpoint] = byShard;
        }
    }

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
