using System.Collections.Frozen;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The layouts that the shards of endpoints have reached, as they were last read. After a change of <c>shards</c> each owner writes when nothing of a former
/// layout is under way on its lanes. Lanes of the new one begin when all have. So no delivery has two lanes, and no limit is exceeded.
/// </summary>
internal sealed class DrainedShards
{
    private volatile FrozenDictionary<EndpointId, FrozenDictionary<int, int>> _layouts = FrozenDictionary<EndpointId, FrozenDictionary<int, int>>.Empty;

    /// <summary>The lanes of an endpoint in owned slots; none before the lanes of its former layouts have ended everywhere.</summary>
    public IReadOnlyList<LaneId> LanesOf(WebhookEndpoint endpoint, OwnedSlots slots) => IsSettled(endpoint)
        ? [.. Enumerable.Range(0, endpoint.Layout.Shards).Where(shard => slots.Has(SlotPlan.SlotOf(endpoint.Id, shard))).Select(shard => new LaneId(endpoint.Id, endpoint.Layout, shard))]
        : [];

    /// <summary>True when lanes of this layout of an endpoint may be served: those of all others have ended. False for a layout that another has replaced already.</summary>
    private bool IsSettled(WebhookEndpoint endpoint)
    {
        var layout = endpoint.Layout;
        return _layouts.TryGetValue(endpoint.Id, out var shards)
            ? Enumerable.Range(0, layout.Widest).All(shard => shards.GetValueOrDefault(shard) == layout.Number) && shards.Values.All(number => number <= layout.Number)
            : layout.Number == 0;
    }

    /// <summary>Reads them. A shard whose slot is owned before this begins stays as it is read until its owner writes.</summary>
    public void Read(NpgsqlConnection connection)
    {
        var found = new List<(EndpointId Endpoint, int Shard, int Layout)>();
        using var command = new NpgsqlCommand("SELECT n.id, d.shard, d.layout FROM drained d JOIN endpoints n ON n.no = d.endpoint", connection);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            found.Add((new EndpointId(row.GetString(0)), row.GetInt16(1), row.GetInt32(2)));
        }

        _layouts = found.GroupBy(static one => one.Endpoint).ToFrozenDictionary(static of => of.Key, static of => of.ToFrozenDictionary(static one => one.Shard, static one => one.Layout));
    }

    /// <summary>
    /// Notes of open changes that nothing of former lanes is under way here. Has <paramref name="lanes"/> serve the new ones once that is so everywhere, which a gain of
    /// other slots may have read before. Given the endpoints whose <c>shards</c> were changed.
    /// </summary>
    public async Task FollowAsync(PostgresEngine engine, IReadOnlyList<WebhookEndpoint> changed, OwnedSlots slots, IOwnedLanes lanes, CancellationToken stopped)
    {
        List<WebhookEndpoint> open = [.. changed.Where(endpoint => !IsSettled(endpoint))];
        if (open.Count > 0 && !stopped.IsCancellationRequested)
        {
            await SettleAsync(engine, open, slots, lanes, stopped);
        }

        var begin = changed.Where(endpoint => LanesOf(endpoint, slots).Any(lane => !lanes.Serves(lane))).Select(static endpoint => endpoint.Id).ToHashSet();
        if (begin.Count > 0)
        {
            lanes.Gained(lane => begin.Contains(lane.Endpoint));
        }
    }

    private async Task SettleAsync(PostgresEngine engine, List<WebhookEndpoint> open, OwnedSlots slots, IOwnedLanes lanes, CancellationToken stopped)
    {
        List<(EndpointId Endpoint, int Shard, int Layout)> reached =
        [
            .. open.SelectMany(static endpoint => Enumerable.Range(0, endpoint.Layout.Widest), static (endpoint, shard) => (endpoint.Id, Shard: shard, endpoint.Layout))
                .Where(of => slots.Has(SlotPlan.SlotOf(of.Id, of.Shard)) && NumberOf(of.Id, of.Shard) < of.Layout.Number && !lanes.IsEnding(of.Id, of.Shard, of.Layout))
                .Select(static of => (of.Id, of.Shard, of.Layout.Number)),
        ];
        if (reached.Count > 0)
        {
            // Without the database that lasts: a stop does not wait for it.
            await engine.WhenOutcomesCommittedAsync().WaitAsync(stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (stopped.IsCancellationRequested)
        {
            return;
        }

        await engine.OnSessionAsync(session =>
        {
            // Not of slots that were lost meanwhile: another may have begun there.
            var locked = slots.Locked;
            Write(session.Connection, [.. reached.Where(one => locked.Contains(SlotPlan.SlotOf(one.Endpoint, one.Shard)))]);
            Read(session.Connection);
            return true;
        });
    }

    private int NumberOf(EndpointId endpoint, int shard) => _layouts.TryGetValue(endpoint, out var shards) ? shards.GetValueOrDefault(shard) : 0;

    /// <summary>Notes the layouts that shards have reached, with the session that owns their slots. They go with the registration.</summary>
    private static void Write(NpgsqlConnection connection, IReadOnlyList<(EndpointId Endpoint, int Shard, int Layout)> reached)
    {
        if (reached.Count == 0)
        {
            return;
        }

        using var command = new NpgsqlCommand(
            """
            INSERT INTO drained (endpoint, shard, layout) SELECT n.no, d.shard, d.layout
            FROM unnest($1, $2, $3) AS d (id, shard, layout) JOIN endpoints n ON n.id = d.id JOIN registrations r ON r.endpoint = n.no AND r.is_deleted = 0
            ON CONFLICT (endpoint, shard) DO UPDATE SET layout = excluded.layout WHERE drained.layout < excluded.layout
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. reached.Select(static one => one.Endpoint.Value)] },
                new NpgsqlParameter<short[]> { TypedValue = [.. reached.Select(static one => (short)one.Shard)] },
                new NpgsqlParameter<int[]> { TypedValue = [.. reached.Select(static one => one.Layout)] },
            },
        };
        command.ExecuteNonQuery();
    }
}
