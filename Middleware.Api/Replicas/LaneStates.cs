using System.Collections.Frozen;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Replicas;

/// <summary>The circuits and recent attempts of all endpoints. Those of one's own lanes are as they are, the others as their owners wrote them in the last second.</summary>
internal sealed class LaneStates(Circuits circuits, EndpointRegistry endpoints, ILaneOwnership ownership, IReplicaStore replicas, TimeProvider clock)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(EndpointId Endpoint, int Shard), (CircuitState Circuit, TriesStamp Tries)> _shared = [];
    private int _session;
    private volatile FrozenDictionary<EndpointId, LaneState[]> _others = FrozenDictionary<EndpointId, LaneState[]>.Empty;
    private Task _reading = Task.CompletedTask;
    private long? _readAt;

    /// <summary>The state of an endpoint's lanes, the worst of several; that of a new one where nobody has sent to it.</summary>
    public (CircuitState Circuit, TrySummary Tries) Of(EndpointId endpoint) => OfOthers(endpoint)
        .Aggregate((circuits.StateOf(endpoint), circuits.TriesOf(endpoint)), static (all, lane) => ((CircuitState)Math.Max((int)all.Item1, (int)lane.Circuit), all.Item2.And(lane.Tries)));

    /// <summary>Reads the states of lanes of others, unless that was done within a second. Throws <see cref="StoreUnavailableException"/>.</summary>
    public Task RefreshAsync()
    {
        if (ownership.IsAlone)
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

    /// <summary>Writes the states of one's own lanes that changed, once there is another replica to read them. Used by one loop.</summary>
    public async Task ShareAsync(CancellationToken cancellationToken)
    {
        if (ownership.IsAlone)
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
        var noted = new List<((EndpointId, int) Lane, (CircuitState, TriesStamp) Stamp)>();
        foreach (var (endpoint, shard, circuit) in circuits.All)
        {
            // Before the attempts are read: those that come between are written the next time.
            var stamp = (circuit.State, circuit.Recent.Stamp);
            if (stamp != _shared.GetValueOrDefault((endpoint, shard)))
            {
                changed.Add(new LaneState(endpoint, shard, stamp.State, circuit.Recent.Read()));
                noted.Add(((endpoint, shard), stamp));
            }
        }

        if (changed.Count > 0)
        {
            await replicas.WriteStatesAsync(session, changed, cancellationToken);
            noted.ForEach(one => _shared[one.Lane] = one.Stamp);
        }
    }

    private IEnumerable<LaneState> OfOthers(EndpointId endpoint) => _others.TryGetValue(endpoint, out var lanes)
        ? lanes.Where(lane => !ownership.Owns(endpoint, lane.Shard) && lane.Shard < endpoints.Find(endpoint)?.Layout.Shards)
        : [];

    private async Task ReadAsync()
    {
        _others = (await replicas.ReadStatesAsync()).GroupBy(static state => state.Endpoint).ToFrozenDictionary(static of => of.Key, static of => of.ToArray());
        lock (_gate)
        {
            _readAt = clock.GetTimestamp();
        }
    }
}

/// <summary>The circuit and the recent attempts of a lane, by the replica that serves it.</summary>
internal sealed record LaneState(EndpointId Endpoint, int Shard, CircuitState Circuit, TrySummary Tries);
