using Middleware.Delivering;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>The changes that one transaction makes to the order by key, and the notices for the lanes when it is committed. The writer's own.</summary>
internal sealed class KeyWrites(HeldRows rows, IWriteStatements statements, TimeProvider clock)
{
    // True for a key that nothing waits for, as the transaction leaves it.
    private readonly Dictionary<(EndpointRow Row, long Key), bool> _settled = [];
    private readonly Dictionary<EndpointRow, DateTimeOffset> _due = [];
    private readonly List<HoldItem> _asked = [];
    private readonly List<(EndpointRow Row, long Key)> _recorded = [];

    /// <summary>The keys that were looked at; true for one that nothing waits for, as the transaction leaves it.</summary>
    public IReadOnlyDictionary<(EndpointRow Row, long Key), bool> Settled => _settled;

    /// <summary>Ends a held delivery, or notes its next attempt; false when it has ended already, or when <paramref name="mayRecord"/> is false.</summary>
    public bool Tried(EndpointRow row, TriedDelivery delivery, DeliveryOutcome outcome, bool mayRecord)
    {
        var key = delivery.Key.GetValueOrDefault();
        _recorded.Add((row, key));
        return mayRecord && (outcome.Kind is OutcomeKind.Held or OutcomeKind.Pending
            ? rows.Update(row.Number, key, delivery.EventSequence, outcome.Tries, At(row, outcome))
            : Delete(row, new HeldRow(key, delivery.EventSequence, delivery.Priority, null)));
    }

    /// <summary>Holds a delivery that was pending until its next attempt.</summary>
    public void Hold(EndpointRow row, TriedDelivery delivery, DeliveryOutcome outcome) =>
        Insert(row, new HeldRow(delivery.Key.GetValueOrDefault(), delivery.EventSequence, delivery.Priority, delivery.ReplayId), outcome.Tries, At(row, outcome));

    /// <summary>
    /// Moves pending deliveries behind the one that their keys wait for; those of keys that wait for nothing stay. Nothing for a lane that is lost.
    /// </summary>
    public void Hold(EndpointRow row, HoldItem item, bool mayHold)
    {
        _asked.Add(item);
        if (!mayHold)
        {
            return;
        }

        foreach (var of in item.Deliveries.GroupBy(static delivery => delivery.Key.GetValueOrDefault()))
        {
            if (rows.FirstOf(row.Number, of.Key) is null)
            {
                item.Free.Add(of.Key);
                continue;
            }

            foreach (var delivery in of.Where(delivery => statements.DeletePending(row.Number, delivery.Priority, delivery.Sequence)))
            {
                Insert(row, new HeldRow(of.Key, delivery.EventSequence, delivery.Priority, delivery.ReplayId), null, null);
            }
        }
    }

    /// <summary>Ends a held delivery; false when it has ended already. The key is to be settled then.</summary>
    public bool Delete(EndpointRow row, HeldRow held)
    {
        if (!rows.Delete(row.Number, held.Key, held.Event))
        {
            return false;
        }

        row.HeldInGroup -= held.Priority == Priority.Ordered ? 1 : 0;
        return true;
    }

    /// <summary>Notes the key of a dead letter, and whether the next ones of the key wait for it.</summary>
    public void Mark(EndpointRow row, long eventSequence, long key, bool blocks)
    {
        row.HasKeys |= blocks;
        rows.Mark(row.Number, eventSequence, key, blocks);
    }

    /// <summary>
    /// Queues a retry or a replay in the order of its key: of the dead letter that blocks it, or behind that. False for an event in no order, and for one
    /// that is older than all that waits.
    /// </summary>
    public bool TryQueue(EndpointRow row, long eventSequence, string? replayId)
    {
        if (rows.KeyOf(row.Number, eventSequence) is not var (key, blocks) || !(blocks || rows.FirstOf(row.Number, key) < eventSequence))
        {
            return false;
        }

        Insert(row, new HeldRow(key, eventSequence, Priority.Background, replayId), null, null);
        Settle(row, key);
        return true;
    }

    /// <summary>Ends the blocking of a key by a dead letter, if it does.</summary>
    public void Unblock(EndpointRow row, long eventSequence)
    {
        if (rows.KeyOf(row.Number, eventSequence) is (var key, true))
        {
            rows.Mark(row.Number, eventSequence, key, blocks: false);
            Settle(row, key);
        }
    }

    /// <summary>Settles the key of a dead letter after a change of it that the caller made.</summary>
    public void Settle(EndpointRow row, long key)
    {
        var isFree = rows.Settle(row.Number, key, clock.GetUtcNow());
        _settled[(row, key)] = isFree == true;
        if (isFree is null)
        {
            Due(row, DateTimeOffset.MinValue);
        }
    }

    /// <summary>Notifies <paramref name="sink"/>: first of the keys that are free, as an answer may have the next one of a key fail at once.</summary>
    public void Notify(IDeliverySink sink)
    {
        foreach (var ((row, key), isFree) in _settled)
        {
            if (isFree)
            {
                sink.Released(row.Id, key);
            }
        }

        _asked.ForEach(static item => item.Answer());
        _recorded.ForEach(ended => sink.Recorded(ended.Row.Id, ended.Key));
        foreach (var (row, at) in _due)
        {
            sink.Due(row.Id, at);
        }
    }

    private void Insert(EndpointRow row, HeldRow held, int? tries, DateTimeOffset? due)
    {
        row.HasKeys = true;
        row.HeldInGroup += rows.Insert(row.Number, held, tries, due) && held.Priority == Priority.Ordered ? 1 : 0;
    }

    private DateTimeOffset At(EndpointRow row, DeliveryOutcome outcome)
    {
        var at = outcome.NextTryAt ?? clock.GetUtcNow();
        Due(row, at);
        return at;
    }

    private void Due(EndpointRow row, DateTimeOffset at) => _due[row] = _due.TryGetValue(row, out var other) && other < at ? other : at;
}
