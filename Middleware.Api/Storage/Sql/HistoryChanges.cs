using Middleware.DeadLetters;
using Middleware.Events;
using Middleware.History;

namespace Middleware.Storage.Sql;

/// <summary>
/// Changes by operators of single events and dead letters, in the writer's transaction. Those of other replicas wait for it, so nothing is queued twice.
/// </summary>
internal static class HistoryChanges
{
    public static IReadOnlyList<ReplayedDelivery>? Replay(
        WriteTransaction transaction, Guid id, ReplayTarget? only, string replayId, Func<EndpointId, bool> isRegistered)
    {
        transaction.LockOldEvents();
        var connection = transaction.Connection;
        if (Timeline.FindSequence(connection, id) is not var (sequence, priority))
        {
            return null;
        }

        using var isErased = connection.Prepare("SELECT 1 FROM events WHERE seq = ?1 AND erased_at IS NOT NULL");
        if (isErased.Bind(1, sequence).Scalar() is not null)
        {
            return [];
        }

        // A discarded dead letter may be replayed as well: that is another decision of an operator.
        using var queue = connection.Prepare("UPDATE dead_letters SET state = 1, next_retry_at = NULL WHERE event = ?1 AND endpoint = ?2");
        var replayed = new List<ReplayedDelivery>();
        foreach (var row in Timeline.ReadDeliveries(connection, sequence, priority))
        {
            if (only is { } target && row.Id != target.Id)
            {
                continue;
            }

            var result = row.IsPending ? ReplayResult.AlreadyPending : isRegistered(row.Id) ? ReplayResult.Queued : ReplayResult.EndpointGone;
            replayed.Add(new ReplayedDelivery(new DeliveryId(id, row.Id), result));
            if (result == ReplayResult.Queued)
            {
                queue.Bind(1, sequence).Bind(2, row.Endpoint).Run();
                transaction.Queue(row.Endpoint, sequence, replayId);
            }
        }

        if (replayed is [] && only is { NeedNotMatch: true, Id: var other } && isRegistered(other))
        {
            replayed.Add(new ReplayedDelivery(new DeliveryId(id, other), ReplayResult.Queued));
            transaction.Queue(transaction.EndpointNumber(other), sequence, replayId);
        }

        return replayed;
    }

    public static DeadLetterChange ReplayDeadLetter(WriteTransaction transaction, DeliveryId id, string replayId)
    {
        var connection = transaction.Connection;
        if (DeadLetterWalk.Find(connection, id) is not { } deadLetter)
        {
            return default;
        }

        (long Event, long Endpoint)? queued = null;
        using var queue = connection.Prepare("UPDATE dead_letters SET state = 1, next_retry_at = NULL WHERE no = ?1 AND state = 0 RETURNING event, endpoint");
        queue.Bind(1, deadLetter.Number).ForEach(row => queued = (Column.Number(row, 0), Column.Number(row, 1)));
        if (queued is var (eventSequence, endpoint))
        {
            transaction.Queue(endpoint, eventSequence, replayId);
        }

        return new DeadLetterChange(queued is not null, DeadLetterWalk.Find(connection, id));
    }

    public static DeadLetterChange Discard(WriteTransaction transaction, DeliveryId id, string by)
    {
        var connection = transaction.Connection;
        if (DeadLetterWalk.Find(connection, id) is not { } deadLetter)
        {
            return default;
        }

        return new DeadLetterChange(Discard(transaction, deadLetter.Number, by), DeadLetterWalk.Find(connection, id));
    }

    /// <summary>False for a dead letter that does not rest.</summary>
    public static bool Discard(WriteTransaction transaction, long number, string by)
    {
        (long Event, long Endpoint)? discarded = null;
        using var discard = transaction.Connection.Prepare(
            """
            UPDATE dead_letters SET state = 2, next_retry_at = NULL, discarded_by = ?2, discarded_at = ?3 WHERE no = ?1 AND state = 0
            RETURNING event, endpoint
            """);
        discard.Bind(1, number).Bind(2, by).Bind(3, StoredTime.From(transaction.Now))
            .ForEach(row => discarded = (Column.Number(row, 0), Column.Number(row, 1)));
        if (discarded is var (eventSequence, endpoint))
        {
            transaction.Unblock(endpoint, eventSequence);
        }

        return discarded is not null;
    }
}
