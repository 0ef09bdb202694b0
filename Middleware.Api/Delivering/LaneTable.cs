using System.Collections.Concurrent;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The lanes that are served here, and those that end. Read on any thread; changes come one at a time.</summary>
internal sealed class LaneTable(ILaneOwnership ownership, Circuits circuits)
{
    private readonly ConcurrentDictionary<EndpointId, ServedLanes> _served = [];
    private readonly Lock _gate = new();

    // Those that are served no more, for as long as attempts are under way.
    private readonly List<ServedLane> _ending = [];

    // The numbers of the layouts that were followed, of endpoints that had several.
    private readonly Dictionary<EndpointId, int> _layouts = [];

    public IEnumerable<KeyValuePair<EndpointId, ServedLanes>> All => _served;

    public ServedLanes Find(EndpointId endpoint) => _served.GetValueOrDefault(endpoint, ServedLanes.None);

    /// <summary>Makes the lanes of an endpoint those that are owned now, and has them follow its settings. Lanes of a former layout end.</summary>
    public void Serve(WebhookEndpoint endpoint, Func<LaneId, WebhookEndpoint, ServedLane> begin)
    {
        lock (_gate)
        {
            if (IsReplaced(endpoint))
            {
                return;
            }

            var (layout, lanes, served) = (ownership.LayoutOf(endpoint), ownership.LanesOf(endpoint), Find(endpoint.Id));
            if (served.Any(lane => lane.Layout != layout))
            {
                served = End(served, lane => lane.Layout != layout);
            }

            List<ServedLane> added = [.. lanes.Where(id => !served.All.Any(lane => lane.Id == id)).Select(id => begin(id, Part(id)))];
            if (added.Count > 0)
            {
                served = new ServedLanes(layout, [.. served.All, .. added]);
                Set(endpoint.Id, served);
                added.ForEach(static lane => lane.Lane.Start());
            }

            foreach (var lane in served.All.Where(lane => lanes.Contains(lane.Id)))
            {
                lane.Follow(Part(lane.Id));
            }
        }

        WebhookEndpoint Part(LaneId lane) => lane.IsPart ? endpoint.WithLimitsOf(lane.Shard) : endpoint;
    }

    /// <summary>Ends lanes, and returns them with those of them that are ending already.</summary>
    public List<ServedLane> Take(Func<LaneId, bool> which)
    {
        lock (_gate)
        {
            foreach (var served in _served.Values)
            {
                if (served.Any(which))
                {
                    End(served, which);
                }
            }

            return [.. _ending.Where(lane => which(lane.Id))];
        }
    }

    /// <summary>Takes the lanes of an endpoint out that is gone.</summary>
    public void Forget(EndpointId endpoint)
    {
        lock (_gate)
        {
            _layouts.Remove(endpoint);
            if (_served.TryRemove(endpoint, out var served))
            {
                foreach (var lane in served.All)
                {
                    lane.Dispose();
                    circuits.Remove(lane.Id);
                }
            }
        }
    }

    /// <inheritdoc cref="IOwnedLanes.BreakOff"/>
    public void BreakOff()
    {
        lock (_gate)
        {
            _ending.ForEach(static lane => lane.GiveUp());
        }
    }

    /// <inheritdoc cref="IOwnedLanes.IsEnding"/>
    public bool IsEnding(EndpointId endpoint, int shard, LaneLayout layout)
    {
        lock (_gate)
        {
            return Find(endpoint).Any(IsFormer) || _ending.Exists(lane => IsFormer(lane.Id) && !lane.Ended.IsCompleted);
        }

        bool IsFormer(LaneId lane) => lane.Endpoint == endpoint && lane.Shard == shard && lane.Layout != layout;
    }

    /// <summary>Ends some lanes of an endpoint, and returns the others.</summary>
    private ServedLanes End(ServedLanes served, Func<LaneId, bool> which)
    {
        List<ServedLane> ended = [.. served.All.Where(lane => which(lane.Id))];
        var left = new ServedLanes(served.Layout, served.All.Except(ended));
        Set(ended[0].Id.Endpoint, left);
        _ending.RemoveAll(static lane => lane.Ended.IsCompleted);
        foreach (var lane in ended)
        {
            circuits.Remove(lane.Id);
            lane.End();
            lane.Dispose();
            _ending.Add(lane);
        }

        return left;
    }

    private void Set(EndpointId endpoint, ServedLanes served)
    {
        if (served.All.Any())
        {
            _served[endpoint] = served;
        }
        else
        {
            _served.TryRemove(endpoint, out _);
        }
    }

    /// <summary>True for an endpoint with a former layout: who gained its lanes read it before a change that was followed meanwhile.</summary>
    private bool IsReplaced(WebhookEndpoint endpoint)
    {
        if (_layouts.GetValueOrDefault(endpoint.Id) > endpoint.Layout.Number)
        {
            return true;
        }

        if (endpoint.Layout.Number > 0)
        {
            _layouts[endpoint.Id] = endpoint.Layout.Number;
        }

        return false;
    }
}
