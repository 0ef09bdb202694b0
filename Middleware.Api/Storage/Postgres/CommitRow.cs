using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Middleware.Storage.Postgres;

/// <summary>
/// A committed group, as the other replicas follow it: the lanes with new deliveries, the changes of their queues, and the deliveries of erased events. Where
/// there may be others, also the keys in order that go on.
/// </summary>
internal sealed record CommitRow(
    short Stream, long Number, long[] Lanes, long[] Last, long[] Waiting, int[] Changes, long[] ErasedLanes, long[] Erased,
    int[] Ordered, int[] Held, long[] KeyLanes, long[] Keys)
{
    private const int LanesOfAnEndpoint = 8;

    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    public const string Columns = "stream, number, lanes, last, waiting, changes, erased_lanes, erased, ordered, held, key_lanes, keys";

    /// <summary>True when it has new deliveries of an endpoint with shards.</summary>
    public bool IsShared { get; init; }

    /// <summary>The row of a group that is about to be committed.</summary>
    public static CommitRow Of(short stream, long number, WriteTransaction transaction, WriteGroup group, EndpointRows endpoints, IReadOnlySet<int> owns)
    {
        var (lanes, isShared) = (new Dictionary<long, long>(), false);
        foreach (var item in group.Accepts)
        {
            for (var index = item.Committed; index < item.Through; index++)
            {
                if (item.Sequences[index] is > 0 and var sequence)
                {
                    var routed = item.Events[index];
                    for (var place = 0; place < routed.Endpoints.Length; place++)
                    {
                        isShared |= routed.Endpoints[place].Layout.Shards > 1;
                        Note(routed.Endpoints[place].Id, routed.KeyAt(place) is null ? routed.Event.Priority : Priority.Ordered, sequence);
                    }
                }
            }
        }

        foreach (var (endpoint, sequence) in transaction.Queued)
        {
            Note(endpoint, Priority.Background, sequence);
        }

        var changed = endpoints.Touched.Where(static row => (row.InGroup | row.OrderedInGroup | row.HeldInGroup) != 0).ToList();
        var erased = transaction.Unsent.Erased.SelectMany(lane => lane.Value.Select(sequence => (Lane: Lane(lane.Key.Endpoint, lane.Key.Priority), Sequence: sequence))).ToList();
        var keys = transaction.ChangedKeys is { } settled && owns.Count < SlotPlan.Slots ? settled.Settled.ToList() : [];
        return new CommitRow(
            stream,
            number,
            [.. lanes.Keys],
            [.. lanes.Values],
            [.. changed.Select(static row => row.Number)],
            [.. changed.Select(static row => row.InGroup)],
            [.. erased.Select(static one => one.Lane)],
            [.. erased.Select(static one => one.Sequence)],
            [.. changed.Select(static row => row.OrderedInGroup)],
            [.. changed.Select(static row => row.HeldInGroup)],
            [.. keys.Select(static of => (of.Key.Row.Number * 2) + (of.Value ? 1 : 0))],
            [.. keys.Select(static of => of.Key.Key)])
        { IsShared = isShared };

        void Note(EndpointId endpoint, Priority priority, long sequence)
        {
            var lane = Lane(endpoint, priority);
            lanes[lane] = Math.Max(sequence, lanes.GetValueOrDefault(lane));
        }

        long Lane(EndpointId endpoint, Priority priority) => (endpoints.Find(endpoint)!.Number * LanesOfAnEndpoint) + (long)priority + 1;
    }

    public static CommitRow Read(NpgsqlDataReader row) => new(
        row.GetInt16(0), row.GetInt64(1), row.GetFieldValue<long[]>(2), row.GetFieldValue<long[]>(3), row.GetFieldValue<long[]>(4), row.GetFieldValue<int[]>(5),
        row.GetFieldValue<long[]>(6), row.GetFieldValue<long[]>(7), row.GetFieldValue<int[]>(8), row.GetFieldValue<int[]>(9), row.GetFieldValue<long[]>(10),
        row.GetFieldValue<long[]>(11));

    public NpgsqlBatchCommand ToInsert() => new($"INSERT INTO commits ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
    {
        Parameters =
        {
            new NpgsqlParameter<short> { TypedValue = Stream },
            new NpgsqlParameter<long> { TypedValue = Number },
            Numbers(Lanes),
            Numbers(Last),
            Numbers(Waiting),
            Counts(Changes),
            Numbers(ErasedLanes),
            Numbers(Erased),
            Counts(Ordered),
            Counts(Held),
            Numbers(KeyLanes),
            Numbers(Keys),
        },
    };

    /// <summary>True when it has something for lanes in other slots than these.</summary>
    public bool IsForOthers(EndpointRows endpoints, IReadOnlySet<int> slots) => slots.Count < SlotPlan.Slots
        && (IsShared || ErasedLanes.Length > 0 || KeyLanes.Length > 0 || Lanes.Any(lane => endpoints.Find(lane / LanesOfAnEndpoint) is { } row && !slots.Contains(SlotPlan.SlotOf(row.Id))));

    /// <summary>The lanes with new deliveries, and the last of each.</summary>
    public IEnumerable<(long Endpoint, Priority Priority, long Last)> New => Lanes.Select((lane, index) => (lane / LanesOfAnEndpoint, PriorityOf(lane), Last[index]));

    /// <summary>Applies a group of another replica, up to its new deliveries; false when it names an endpoint that is not known here yet. On the writer's thread.</summary>
    /// <param name="endpoints">The endpoints that are known here.</param>
    /// <param name="sink">The lanes.</param>
    /// <param name="isCounted">True when the numbers of waiting deliveries have its changes already.</param>
    public bool Apply(EndpointRows endpoints, IDeliverySink sink, bool isCounted)
    {
        var isKnown = true;
        for (var index = 0; index < Waiting.Length; index++)
        {
            if (endpoints.Find(Waiting[index]) is { } row)
            {
                if (!isCounted)
                {
                    row.Waiting += Changes[index];
                    row.Ordered += Ordered[index];
                    row.Held += Held[index];
                }

                if (row.HasOnlyOrdered)
                {
                    sink.OnlyOrdered(row.Id);
                }
            }
            else
            {
                isKnown = false;
            }
        }

        isKnown &= Lanes.All(lane => endpoints.Find(lane / LanesOfAnEndpoint) is not null);
        foreach (var lane in Enumerable.Range(0, Erased.Length).GroupBy(index => ErasedLanes[index]))
        {
            if (endpoints.Find(lane.Key / LanesOfAnEndpoint) is { } row)
            {
                row.HasEndedUnsent = true;
                sink.Erased(row.Id, PriorityOf(lane.Key), lane.Select(index => Erased[index]).ToHashSet());
            }
        }

        for (var index = 0; index < Keys.Length; index++)
        {
            if (endpoints.Find(KeyLanes[index] / 2) is { } row)
            {
                Notify(sink, row.Id, Keys[index], isFree: KeyLanes[index] % 2 == 1);
            }
        }

        return isKnown;
    }

    private static void Notify(IDeliverySink sink, EndpointId endpoint, long key, bool isFree)
    {
        if (isFree)
        {
            sink.Released(endpoint, key);
        }
        else
        {
            // A lane that knows the key does nothing; else it must not pass the deliveries that wait.
            sink.Held(endpoint, key);
            sink.Due(endpoint, DateTimeOffset.MinValue, key);
        }
    }

    private static Priority PriorityOf(long lane) => (Priority)((lane % LanesOfAnEndpoint) - 1);

    private static NpgsqlParameter<int[]> Counts(int[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer };

    private static NpgsqlParameter<long[]> Numbers(long[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
}
