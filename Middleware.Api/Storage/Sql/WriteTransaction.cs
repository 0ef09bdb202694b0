using Middleware.Delivering;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>The changes of one transaction, and the notices for the lanes when it is committed. The writer's own.</summary>
internal sealed class WriteTransaction(IStoreWriter writer, EndpointRows endpoints, HeldRows held, TimeProvider clock, long lastSequence)
{
    private readonly IWriteStatements _statements = writer.Statements;
    private readonly List<(EndpointId Endpoint, long Sequence)> _queued = [];
    private UnsentEnds? _unsent;
    private KeyWrites? _keys;
    private long _lastSequence = lastSequence;

    public IWriteStatements Statements => _statements;

    /// <summary>The connection, for changes that are too rare to keep a statement for.</summary>
    public ISqlConnection Connection => writer.Connection;

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Retries and replays that are made pending.</summary>
    public IReadOnlyList<(EndpointId Endpoint, long Sequence)> Queued => _queued;

    /// <summary>The deliveries that end without an attempt.</summary>
    public UnsentEnds Unsent => _unsent ??= new UnsentEnds(this, endpoints);

    /// <summary>The changes to the order by key.</summary>
    public KeyWrites Keys => _keys ??= BeginKeys();

    /// <summary>The same, unless nothing was changed.</summary>
    public KeyWrites? ChangedKeys => _keys;

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
            endpoints.Replays.End(row.Number, delivery.Sequence);
        }

        var isOwed = delivery.IsHeld ? Keys.Tried(row, delivery, outcome, writer.MayRecord(row.Id, delivery.Shard, outcome))
            : isPending ? _statements.UpdatePending(row.Number, delivery.Priority, delivery.Sequence, outcome)
            : _statements.DeletePending(row.Number, delivery.Priority, delivery.Sequence);
        if (!isOwed)
        {
            // The lane holds a key from the notice of this outcome on, until the next notice.
            if (delivery.Key is { } key)
            {
                Keys.Settle(row, key);
            }

            if (attempt is null || !ExpiryWrites.IsExpired(this, delivery.EventSequence, row.Number))
            {
                return;
            }
        }

        if (attempt is not null)
        {
            _statements.InsertAttempt(delivery.EventSequence, row.Number, delivery.Number, attempt, sealedResponse);
            NoteFailing(row, attempt.IsDelivered ? 0 : Math.Max(1, StoredTime.From(attempt.StartedAt)), isShared: delivery.Shard is not null);
        }

        if (!isOwed)
        {
            if (attempt!.IsDelivered)
            {
                _statements.DeleteDeadLetter(delivery.EventSequence, row.Number);
            }
        }
        else if (outcome.Kind == OutcomeKind.Held)
        {
            if (!delivery.IsHeld)
            {
                Keys.Hold(row, delivery, outcome);
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

    /// <summary>Takes over the time since when an endpoint fails, which another replica may have written.</summary>
    public bool ReadFailingSince(EndpointId id)
    {
        using var read = Connection.Prepare("SELECT failing_since FROM endpoints WHERE id = ?1");
        RowOf(id).FailingSinceInGroup = read.Bind(1, id.Value).Scalar() ?? 0;
        return true;
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

    /// <summary>True for a delivery that is being sent, or whose outcome is not written yet.</summary>
    public bool IsUnderWay(long endpoint, long sequence) => endpoints.Replays.Contains(endpoint, sequence);

    /// <summary>Ends the blocking of a key by a dead letter, if it does: it was discarded, erased or is gone.</summary>
    public void Unblock(long endpoint, long eventSequence)
    {
        if (endpoints.Find(endpoint) is { HasKeys: true } row)
        {
            Keys.Unblock(row, eventSequence);
        }
    }

    /// <summary>Takes a held delivery of a replay back.</summary>
    public void TakeBack(long endpoint, HeldRow held)
    {
        if (endpoints.Find(endpoint) is { } row && Keys.Delete(row, held))
        {
            Keys.Settle(row, held.Key);
        }
    }

    /// <summary>
    /// Waits for other replicas that queue events again or purge them. What is read of an event from now on stays so until the end of the transaction.
    /// </summary>
    public void LockOldEvents()
    {
        // What is queued again may change the order by key: two replicas must not wait for each other.
        writer.LockKeys();
        Connection.LockForTransaction("old_events");
    }

    /// <summary>Makes a delivery pending below live traffic; a dead letter where the endpoint was deleted meanwhile.</summary>
    public void Queue(long endpointNumber, long eventSequence, string? replayId)
    {
        if (IsShut(endpointNumber))
        {
            _statements.UpsertDeadLetter(eventSequence, endpointNumber, FailureReason.EndpointDeleted, Now, nextRetryAt: null);
            return;
        }

        if (endpoints.Find(endpointNumber) is { HasKeys: true } ordered && Keys.TryQueue(ordered, eventSequence, replayId))
        {
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
                    for (var place = 0; place < routed.Endpoints.Length; place++)
                    {
                        // A delivery accepted for a deleted endpoint is a dead letter, or will be.
                        var endpoint = routed.Endpoints[place].Id;
                        if (endpoints.Find(endpoint) is { IsClosed: false })
                        {
                            sink.Committed(Delivery.Of(routed.Event, sequence, endpoint, routed.KeyAt(place)));
                        }
                    }
                }
            }
        }

        foreach (var (endpoint, sequence) in _queued)
        {
            sink.Queued(endpoint, Priority.Background, sequence);
        }

        _unsent?.Notify(sink);
        _keys?.Notify(sink);
    }

    /// <summary>The last number that was used, also by a transaction that was not committed.</summary>
    public long LastSequence => _lastSequence;

    /// <summary>A number that was never used.</summary>
    public long NextSequence() => _lastSequence = writer.NextSequence(_lastSequence);

    /// <summary>The row of an endpoint, inserted when it is new.</summary>
    public EndpointRow RowOf(EndpointId id) => endpoints.Get(id, _statements);

    /// <summary>True when the lane of a delivery may ask here for its key.</summary>
    public bool MayHold(TriedDelivery delivery) => writer.MayRecord(delivery.EndpointId, delivery.Shard, outcome: null);

    private KeyWrites BeginKeys()
    {
        writer.LockKeys();
        return new KeyWrites(held, writer.Statements, clock);
    }

    private void End(EndpointRow row, TriedDelivery delivery, Attempt? last, DeliveryOutcome outcome)
    {
        row.CountEnd(delivery.Priority);
        var isBlocking = outcome.Blocks && !row.IsShut;
        if (outcome.Kind == OutcomeKind.DeadLetter)
        {
            _statements.UpsertDeadLetter(delivery.EventSequence, row.Number, last!.Reason!, last.EndedAt, row.IsShut ? null : outcome.NextTryAt);
            if (outcome.HandedTo is { } fallback && endpoints.Get(fallback, _statements) is { IsShut: false } instead)
            {
                isBlocking &= !DeadLetterRows.HandOver(this, delivery.EventSequence, row.Number, instead.Number);
            }

            if (delivery.Key is { } dead)
            {
                Keys.Mark(row, delivery.EventSequence, dead, isBlocking);
            }
        }
        else if (outcome.Kind == OutcomeKind.Expired)
        {
            Unsent.MarkExpired(delivery.EventSequence, row.Number, mayBlock: delivery.IsHeld);
        }
        else if (delivery.Priority == Priority.Background)
        {
            _statements.DeleteDeadLetter(delivery.EventSequence, row.Number);
        }

        // The lane holds a key from the notice of this outcome on, until the next notice.
        if (delivery.Key is { } key && (delivery.IsHeld || outcome.Blocks != isBlocking))
        {
            Keys.Settle(row, key);
        }
    }

    /// <summary>
    /// Notes an endpoint's failing; written only when it begins to fail, or succeeds again. Where replicas share its deliveries, what is known here may be old: the store decides.
    /// </summary>
    private void NoteFailing(EndpointRow row, long at, bool isShared)
    {
        if (isShared)
        {
            var known = row.FailingSinceInGroup ?? row.FailingSince;
            _statements.NoteFailing(row.Number, at);
            row.FailingSinceInGroup = at == 0 || known == 0 ? at : known;
            return;
        }

        var since = row.FailingSinceInGroup ?? row.FailingSince;
        if ((since == 0) != (at == 0))
        {
            _statements.SetFailingSince(row.Number, at);
            row.FailingSinceInGroup = at;
        }
    }
}
