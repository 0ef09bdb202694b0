using Middleware.Delivering;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Ends deliveries without an attempt in one transaction, pending ones and held ones of a key. The writer's own.</summary>
internal sealed class UnsentEnds(WriteTransaction transaction, EndpointRows endpoints)
{
    private readonly Dictionary<(EndpointId Endpoint, Priority Priority), HashSet<long>> _erased = [];

    /// <summary>Those that are owed no more, by their lanes.</summary>
    public IReadOnlyDictionary<(EndpointId Endpoint, Priority Priority), HashSet<long>> Erased => _erased;

    /// <summary>Makes a delivery a dead letter that waits for an operator and blocks nothing; false when it had ended already.</summary>
    public bool GiveUp(long endpointNumber, Priority priority, long sequence, long eventSequence, string reason, long? heldKey = null)
    {
        if (!TryEnd(endpointNumber, priority, sequence, heldKey))
        {
            return false;
        }

        transaction.Statements.UpsertDeadLetter(eventSequence, endpointNumber, reason, transaction.Now, nextRetryAt: null);
        if (heldKey is not null)
        {
            transaction.Unblock(endpointNumber, eventSequence);
        }

        return true;
    }

    /// <summary>Ends a delivery of an erased event, and has its lane drop the body.</summary>
    public void EndErased(long endpointNumber, Priority priority, long sequence, long? heldKey) => EndUnsent(endpointNumber, priority, sequence, heldKey);

    /// <summary>Ends a delivery whose deadline is past, and has its lane drop the body; false when it had ended already.</summary>
    public bool EndExpired(long endpointNumber, Priority priority, long sequence, long eventSequence, long? heldKey)
    {
        if (!EndUnsent(endpointNumber, priority, sequence, heldKey))
        {
            return false;
        }

        MarkExpired(eventSequence, endpointNumber, mayBlock: heldKey is not null);
        return true;
    }

    /// <summary>Notes that a delivery that is not pending any more has expired, whatever it was before. A dead letter may have blocked its key.</summary>
    public void MarkExpired(long eventSequence, long endpointNumber, bool mayBlock)
    {
        transaction.Statements.UpsertExpired(eventSequence, endpointNumber, transaction.Now);
        if (endpoints.Find(endpointNumber) is { } row)
        {
            transaction.Expired.Add(row.Id);
        }

        if (mayBlock)
        {
            transaction.Unblock(endpointNumber, eventSequence);
        }
    }

    /// <summary>Has the lanes drop the bodies.</summary>
    public void Notify(IDeliverySink sink)
    {
        foreach (var ((endpoint, priority), sequences) in _erased)
        {
            sink.Erased(endpoint, priority, sequences);
        }
    }

    private bool EndUnsent(long endpointNumber, Priority priority, long sequence, long? heldKey)
    {
        if (!TryEnd(endpointNumber, priority, sequence, heldKey) || endpoints.Find(endpointNumber) is not { } row)
        {
            return false;
        }

        row.HasEndedUnsent = true;
        if (!_erased.TryGetValue((row.Id, priority), out var sequences))
        {
            _erased[(row.Id, priority)] = sequences = [];
        }

        sequences.Add(sequence);
        return true;
    }

    /// <summary>Ends a delivery and counts that; false when it had ended already.</summary>
    private bool TryEnd(long endpointNumber, Priority priority, long sequence, long? heldKey)
    {
        var row = endpoints.Find(endpointNumber);
        if (heldKey is not { } key)
        {
            if (!transaction.Statements.DeletePending(endpointNumber, priority, sequence))
            {
                return false;
            }
        }
        else if (row is null || !transaction.Keys.Delete(row, new HeldRow(key, sequence, priority, null)))
        {
            return false;
        }
        else
        {
            transaction.Keys.Settle(row, key);
        }

        row?.CountEnd(priority);
        return true;
    }
}
