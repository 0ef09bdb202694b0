using System.Collections.Frozen;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Replicas;

/// <summary>The circuits and recent attempts of all endpoints. Those of one's own lanes are as they are, the others as their owners wrote them in the last second.</summary>
internal sealed class LaneStates(Circuits circuits, ILaneOwnership ownership, IReplicaStore replicas, TimeProvider clock)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointId, (CircuitState Circuit, TriesStamp Tries)> _shared = [];
    private int _session;
    private volatile FrozenDictionary<EndpointId, LaneState> _others = FrozenDictionary<EndpointId, LaneState>.Empty;
    private Task _reading = Task.CompletedTask;
    private long? _readAt;

    private bool IsAlone => ownership is OwnsAll;

    /// <summary>The state of an endpoint's lane; that of a new one where nobody has sent to it.</summary>
    public LaneState Of(EndpointId endpoint) => ownership.Owns(endpoint)
        ? new LaneState(endpoint, circuits.StateOf(endpoint), circuits.TriesOf(endpoint))
        : _others.GetValueOrDefault(endpoint, new LaneState(endpoint, CircuitState.Closed, default));

    /// <summary>Reads the states of lanes of others, unless that was done within a second. Throws <see cref="StoreUnavailableException"/>.</summary>
    public Task RefreshAsync()
    {
        if (IsAlone)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            if (_reading.IsCompleted && (_readAt is not { } readAt || clock.GetElapsedTime(readAt) >= Interval))
            {
                _reading = ReadAsync();
            }

            return _reading;
        }
    }

    /// <summary>Writes the states of one's own lanes that changed. Used by one loop.</summary>
    public async Task ShareAsync(CancellationToken cancellationToken)
    {
        if (IsAlone)
        {
            return;
        }

        if (replicas.Session is var session && session != _session)
        {
            // The rows of a former session count no more.
            _shared.Clear();
            _session = session;
        }

        var changed = new List<LaneState>();
        var noted = new List<(EndpointId Endpoint, (CircuitState, TriesStamp) Stamp)>();
        foreach (var (endpoint, circuit) in circuits.All)
        {
            // Before the attempts are read: those that come between are written the next time.
            var stamp = (circuit.State, circuit.Recent.Stamp);
            if (stamp != _shared.GetValueOrDefault(endpoint))
            {
                changed.Add(new LaneState(endpoint, stamp.State, circuit.Recent.Read()));
                noted.Add((endpoint, stamp));
            }
        }

        if (changed.Count > 0)
        {
            await replicas.WriteStatesAsync(session, changed, cancellationToken);
            noted.ForEach(one => _shared[one.Endpoint] = one.Stamp);
        }
    }

    private async Task ReadAsync()
    {
        _others = (await replicas.ReadStatesAsync()).ToFrozenDictionary(static state => state.Endpoint);
        lock (_gate)
        {
            _readAt = clock.GetTimestamp();
        }
    }
}

/// <summary>The circuit and the recent attempts of an endpoint, by the replica that serves it.</summary>
internal sealed record LaneState(EndpointId Endpoint, CircuitState Circuit, TrySummary Tries);
