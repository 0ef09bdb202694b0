using Middleware.Events;
using Middleware.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The deliveries whose outcomes a transaction records. One round trip at its beginning ends all of them, or notes them as going on. What it finds was still
/// owed, so each is ended once, by whichever writer.
/// </summary>
internal sealed class OwedDeliveries(PostgresSql connection)
{
    private const string Key = "p.endpoint = o.endpoint AND p.priority = o.priority AND p.seq = o.seq";

    private readonly Rows _ended = new(
        $"DELETE FROM pending p USING unnest($1, $2, $3) AS o (endpoint, priority, seq) WHERE {Key} RETURNING p.endpoint, p.priority, p.seq",
        NpgsqlDbType.Bigint, NpgsqlDbType.Smallint, NpgsqlDbType.Bigint);

    private readonly Rows _goingOn = new(
        $"""
        UPDATE pending p SET tries = o.tries, not_before = o.not_before FROM unnest($1, $2, $3, $4, $5) AS o (endpoint, priority, seq, tries, not_before)
        WHERE {Key} RETURNING p.endpoint, p.priority, p.seq
        """,
        NpgsqlDbType.Bigint, NpgsqlDbType.Smallint, NpgsqlDbType.Bigint, NpgsqlDbType.Integer, NpgsqlDbType.Bigint);

    private readonly Dictionary<(long Endpoint, Priority Priority, long Sequence), bool> _known = [];
    private readonly HashSet<(long Endpoint, Priority Priority, long Sequence)> _stillPending = [];
    private readonly HashSet<(long Endpoint, long Event)> _events = [];

    /// <summary>
    /// Takes the pending deliveries of outcomes. A success is true whichever replica serves the lane now. A failure is recorded only by the owner of the lane, since another may be delivering.
    /// </summary>
    public void Take(IReadOnlyList<OutcomeItem> outcomes, EndpointRows endpoints, IReadOnlySet<int> slots)
    {
        // The last outcome of a delivery stands: it may have several in one group.
        var last = new Dictionary<(long Endpoint, Priority Priority, long Sequence), (DeliveryOutcome Outcome, int? Shard)>();
        foreach (var (delivery, outcome) in outcomes.SelectMany(static item => item.All).Where(static one => !one.Delivery.IsHeld))
        {
            if (endpoints.Find(delivery.EndpointId) is { } row)
            {
                last[(row.Number, delivery.Priority, delivery.Sequence)] = (outcome, delivery.Shard);
                _events.Add((row.Number, delivery.EventSequence));
            }
        }

        // In one order, so that two writers never wait for each other's rows.
        foreach (var (key, (outcome, shard)) in last.OrderBy(static entry => entry.Key))
        {
            _known[key] = false;
            if (outcome.Kind != OutcomeKind.Delivered && !slots.Contains(SlotPlan.SlotOf(endpoints.Find(key.Endpoint)!.Id, shard ?? 0)))
            {
                continue;
            }

            if (outcome.Kind == OutcomeKind.Pending)
            {
                _stillPending.Add(key);
                _goingOn.Add(key.Endpoint, (short)key.Priority, key.Sequence, outcome.Tries, StoredTime.From(outcome.NextTryAt));
            }
            else
            {
                _ended.Add(key.Endpoint, (short)key.Priority, key.Sequence);
            }
        }

        Send();
    }

    /// <summary>Null for a delivery that was not asked for, or that is to go on: its row is still there. Else true, once, when it was owed.</summary>
    public bool? TryEnd((long Endpoint, Priority Priority, long Sequence) key)
    {
        if (_stillPending.Contains(key))
        {
            return null;
        }

        var owed = IsOwed(key);
        if (owed == true)
        {
            _known[key] = false;
        }

        return owed;
    }

    /// <summary>Null for a delivery that was not asked for.</summary>
    public bool? IsOwed((long Endpoint, Priority Priority, long Sequence) key) => _known.TryGetValue(key, out var owed) ? owed : null;

    /// <summary>True when an outcome of an event at an endpoint was asked for.</summary>
    public bool HasOutcome(long endpoint, long eventSequence) => _events.Contains((endpoint, eventSequence));

    public void Forget()
    {
        _known.Clear();
        _stillPending.Clear();
        _events.Clear();
        _ended.Clear();
        _goingOn.Clear();
    }

    private void Send()
    {
        if (_ended.Count + _goingOn.Count == 0)
        {
            return;
        }

        using var batch = new NpgsqlBatch(connection.Begin());
        foreach (var rows in (Rows[])[_ended, _goingOn])
        {
            if (rows.Count > 0)
            {
                batch.BatchCommands.Add(rows.ToCommand());
                rows.Clear();
            }
        }

        using var reader = batch.ExecuteReader();
        do
        {
            while (reader.Read())
            {
                _known[(reader.GetInt64(0), (Priority)reader.GetInt16(1), reader.GetInt64(2))] = true;
            }
        }
        while (reader.NextResult());
    }
}
