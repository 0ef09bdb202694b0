using Middleware.Delivering;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>The changes of one transaction, and the notices for the lanes when it is committed. The writer's own.</summary>
internal sealed class WriteTransaction(IStoreWriter writer, EndpointRows endpoints, TimeProvider clock, long lastSequence)
{
    private readonly IWriteStatements _statements = writer.Statements;
    private readonly List<(EndpointId Endpoint, long Sequence)> _queued = [];
    private readonly Dictionary<(EndpointId Endpoint, Priority Priority), HashSet<long>> _erased = [];
    private long _lastSequence = lastSequence;

    public IWriteStatements Statements => _statements;

    /// <summary>The connection, for changes that are too rare to keep a statement for.</summary>
    public ISqlConnection Connection => writer.Connection;

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Retries and replays that are made pending.</summary>
    public IReadOnlyList<(EndpointId Endpoint, long Sequence)> Queued => _queued;

    /// <summary>The pending deliveries of events that are erased.</summary>
    public IReadOnlyDictionary<(EndpointId Endpoint, Priority Priority), HashSet<long>> ErasedDeliveries => _erased;

    /// <summary>The endpoint of each delivery that ends because its event is erased.</summary>
    public List<EndpointId> Erased { get; } = [];

    /// <summary>The endpoint of each delivery that ends because its deadline is past.</summary>
    public List<EndpointId> Expired { get; } = [];

    /// <summary>
    /// Records an attempt, whose response may be encrypted, and its decision for a delivery; a decision alone without an attempt. Nothing for a delivery
    /// that has ended already, unless it expired while it was under way. Then the attempt is recorded, and by a success it is delivered.
    /// </summary>
    public void Record(TriedDelivery delivery, Attempt? attempt, byte[]? sealedResponse, DeliveryOutcome outcome)
    {
        var row = endpoints.Get(delivery.EndpointId, _statements);
        var isPending = outcome.Kind == OutcomeKind.Pending;
        if (delivery.ReplayId is not null && !isPending)
        {
            endpoints.Replays.End(delivery.Sequence);
        }

        var isOwed = isPending
            ? _statements.UpdatePending(row.Number, delivery.Priority, delivery.Sequence, outcome)
            : _statements.DeletePending(row.Number, delivery.Priority, delivery.Sequence);
        if (!isOwed && (attempt is null || !ExpiryWrites.IsExpired(this, delivery.EventSequence, row.Number)))
        {
            return;
        }

        if (attempt is not null)
        {
            _statements.InsertAttempt(delivery.EventSequence, row.Number, delivery.Number, attempt, sealedResponse);
            NoteFailing(row, attempt.IsDelivered ? 0 : Math.Max(1, StoredTime.From(attempt.StartedAt)));
        }

        if (!isOwed)
        {
            if (attempt!.IsDelivered)
            {
                _statements.DeleteDeadLetter(delivery.EventSequence, row.Number);
            }
        }
        else if (!isPending)
        {
            End(row, delivery, attempt, outcome);
        }
    }

    /// <summary>The number of an endpoint, which it gets when it has none.</summary>
    public long EndpointNumber(EndpointId id) => endpoints.Get(id, _statements).Number;

    /// <summary>Starts over: failures before a change of the endpoint count no more. What is known here may be old: another replica may serve the endpoint.</summary>
    public void ForgetFailures(long number)
    {
        _statements.SetFailingSince(number, 0);
        ForgetFailuresHere(number);
    }

    /// <summary>The same where another replica has made the change, and written it: since then the endpoint may have failed anew.</summary>
    public void ForgetFailuresHere(long number)
    {
        if (endpoints.Find(number) is { } row)
        {
            row.FailingSinceInGroup = 0;
        }
    }

    /// <summary>Closes an endpoint: new deliveries to it become dead letters.</summary>
    public void CloseEndpoint(long number) => endpoints.Find(number)?.IsClosedInGroup = true;

    /// <summary>Reopens a deleted endpoint of which nothing is left, which is registered anew.</summary>
    public void OpenEndpoint(long number)
    {
        if (IsShut(number))
        {
            endpoints.Find(number)!.IsClosedInGroup = false;
        }
    }

    /// <summary>True for a deleted endpoint.</summary>
    public bool IsShut(long number) => endpoints.Find(number) is { IsShut: true };

    /// <summary>Makes a pending delivery a dead letter that waits for an operator; false when it had ended already.</summary>
    public bool GiveUp(long endpointNumber, Priority priority, long sequence, long eventSequence, string reason)
    {
        if (!_statements.DeletePending(endpointNumber, priority, sequence))
        {
            return false;
        }

        if (priority != Priority.Background && endpoints.Find(endpointNumber) is { } row)
        {
            row.InGroup--;
        }

        _statements.UpsertDeadLetter(eventSequence, endpointNumber, reason, Now, nextRetryAt: null);
        return true;
    }

    /// <summary>Ends a pending delivery of an erased event, and has its lane drop the body.</summary>
    public void EndErased(long endpointNumber, Priority priority, long sequence) => EndUnsent(endpointNumber, priority, sequence);

    /// <summary>Ends a pending delivery whose deadline is past, and has its lane drop the body; false when it had ended already.</summary>
    public bool EndExpired(long endpointNumber, Priority priority, long sequence, long eventSequence)
    {
        if (!EndUnsent(endpointNumber, priority, sequence))
        {
            return false;
        }

        MarkExpired(eventSequence, endpointNumber);
        return true;
    }

    /// <summary>Notes that a delivery that is not pending any more has expired, whatever it was before.</summary>
    public void MarkExpired(long eventSequence, long endpointNumber)
    {
        _statements.UpsertExpired(eventSequence, endpointNumber, Now);
        if (endpoints.Find(endpointNumber) is { } row)
        {
            Expired.Add(row.Id);
        }
    }

    /// <summary>True for a delivery that is being sent, or whose outcome is not written yet.</summary>
    public bool IsUnderWay(long sequence) => endpoints.Replays.Contains(sequence);

    /// <summary>
    /// Waits for other replicas that queue events again or purge them. What is read of an event from now on stays so until the end of the transaction.
    /// </summary>
    public void LockOldEvents() => Connection.LockForTransaction("old_events");

    /// <summary>Makes a delivery pending below live traffic; a dead letter where the endpoint was deleted meanwhile.</summary>
    public void Queue(long endpointNumber, long eventSequence, string? replayId)
    {
        if (IsShut(endpointNumber))
        {
            _statements.UpsertDeadLetter(eventSequence, endpointNumber, FailureReason.EndpointDeleted, Now, nextRetryAt: null);
            return;
        }

        var sequence = NextSequence();
        _statements.InsertBackground(endpointNumber, sequence, eventSequence, replayId);
        if (endpoints.Find(endpointNumber) is { } row)
        {
            _queued.Add((row.Id, sequence));
        }
    }

    /// <summary>Notifies <paramref name="sink"/> of committed deliveries, in order of sequence.</summary>
    public void Notify(IDeliverySink sink, WriteGroup group)
    {
        foreach (var item in group.Accepts)
        {
            for (var index = item.Committed; index < item.Through; index++)
            {
                if (item.Sequences[index] is > 0 and var sequence)
                {
                    var routed = item.Events[index];
                    foreach (var endpoint in routed.Endpoints)
                    {
                        // A delivery accepted for a deleted endpoint is a dead letter, or will be.
                        if (endpoints.Find(endpoint.Id) is { IsClosed: false })
                        {
                            sink.Committed(Delivery.Of(routed.Event, sequence, endpoint.Id));
                        }
                    }
                }
            }
        }

        foreach (var (endpoint, sequence) in _queued)
        {
            sink.Queued(endpoint, Priority.Background, sequence);
        }

        foreach (var ((endpoint, priority), sequences) in _erased)
        {
            sink.Erased(endpoint, priority, sequences);
        }
    }

    /// <summary>The last number that was used, also by a transaction that was not committed.</summary>
    public long LastSequence => _lastSequence;

    /// <summary>A number that was never used.</summary>
    public long NextSequence() => _lastSequence = writer.NextSequence(_lastSequence);

    /// <summary>The row of an endpoint, inserted when it is new.</summary>
    public EndpointRow RowOf(EndpointId id) => endpoints.Get(id, _statements);

    private void End(EndpointRow row, TriedDelivery delivery, Attempt? last, DeliveryOutcome outcome)
    {
        var isLive = delivery.Priority != Priority.Background;
        row.InGroup -= isLive ? 1 : 0;
        if (outcome.Kind == OutcomeKind.DeadLetter)
        {
            _statements.UpsertDeadLetter(delivery.EventSequence, row.Number, last!.Reason!, last.EndedAt, row.IsShut ? null : outcome.NextTryAt);
            if (outcome.HandedTo is { } fallback && endpoints.Get(fallback, _statements) is { IsShut: false } instead)
            {
                DeadLetterRows.HandOver(this, delivery.EventSequence, row.Number, instead.Number);
            }
        }
        else if (outcome.Kind == OutcomeKind.Expired)
        {
            MarkExpired(delivery.EventSequence, row.Number);
        }
        else if (!isLive)
        {
            _statements.DeleteDeadLetter(delivery.EventSequence, row.Number);
        }
    }

    private bool EndUnsent(long endpointNumber, Priority priority, long sequence)
    {
        if (!_statements.DeletePending(endpointNumber, priority, sequence) || endpoints.Find(endpointNumber) is not { } row)
        {
            return false;
        }

        row.InGroup -= priority == Priority.Background ? 0 : 1;
        row.HasEndedUnsent = true;
        if (!_erased.TryGetValue((row.Id, priority), out var sequences))
        {
            _erased[(row.Id, priority)] = sequences = [];
        }

        sequences.Add(sequence);
        return true;
    }

    /// <summary>Notes an endpoint's failing; written only when it begins to fail, or succeeds again.</summary>
    private void NoteFailing(EndpointRow row, long at)
    {
        var since = row.FailingSinceInGroup ?? row.FailingSince;
        if ((since == 0) != (at == 0))
        {
            _statements.SetFailingSince(row.Number, at);
            row.FailingSinceInGroup = at;
        }
    }
}
