using Middleware.Replays;
using Middleware.Storage.AtRest;
using ServiceDefaults;

namespace Middleware.Storage.Sql;

/// <summary>Changes of replays, in the writer's transaction.</summary>
internal static class ReplayWrites
{
    /// <summary>Null when <paramref name="mostRunning"/> run already.</summary>
    public static BulkReplay? Add(WriteTransaction transaction, ReplayOrder order, ReplayCount total, long last, int mostRunning)
    {
        var connection = transaction.Connection;
        connection.LockForTransaction("replays");
        using var running = connection.Prepare("SELECT COUNT(*) FROM replays WHERE state = 0");
        if (running.Scalar() >= mostRunning)
        {
            return null;
        }

        if (order.EndpointId is { } target)
        {
            // An endpoint that got no event yet has no number yet.
            transaction.EndpointNumber(target);
        }

        var id = Ids.Create(transaction.Now).ToString("n");
        using var insert = connection.Prepare(
            """
            INSERT INTO replays (id, state, doc, last, at, at_endpoint, queued, skipped, created_at, erases) VALUES (?1, 0, ?2, ?3, 0, 0, 0, 0, ?4, ?5)
            """);
        insert
            .Bind(1, id)
            .Bind(2, new ReplayDocument(order, total).Write())
            .Bind(3, last)
            .Bind(4, StoredTime.From(transaction.Now))
            .Bind(5, order.Erases ? 1 : 0)
            .Run();
        return ReplayRows.Find(connection, id)!.Replay;
    }

    /// <summary>Ends a running replay; an ended one stays as it is. Queued deliveries of a cancelled one are taken back.</summary>
    public static BulkReplay? End(WriteTransaction transaction, string id, ReplayState state)
    {
        using var end = transaction.Connection.Prepare("UPDATE replays SET state = ?2, ended_at = ?3 WHERE id = ?1 AND state = 0");
        end.Bind(1, id).Bind(2, (long)state).Bind(3, StoredTime.From(transaction.Now)).Run();
        if (state == ReplayState.Cancelled && end.Changes == 1)
        {
            ReplayTakeBack.Run(transaction, id);
        }

        return ReplayRows.Find(transaction.Connection, id)?.Replay;
    }

    /// <summary>Makes candidates pending, erases or discards them, and moves the cursor; does nothing when the replay has ended or went on meanwhile.</summary>
    public static int Queue(WriteTransaction transaction, ReplayRow from, IReadOnlyList<ReplayCandidate> candidates, ReplayCursor to, DataKeys? keys)
    {
        transaction.LockOldEvents();
        using var move = transaction.Connection.Prepare(
            """
            UPDATE replays SET at = ?2, at_endpoint = ?3, queued = queued + ?4, skipped = skipped + ?5
            WHERE no = ?1 AND state = 0 AND at = ?6 AND at_endpoint = ?7
            """);
        move.Bind(1, from.Replay.Number).Bind(2, to.At).Bind(3, to.AfterEndpoint).Bind(4, 0L).Bind(5, 0L).Bind(6, from.Cursor.At).Bind(7, from.Cursor.AfterEndpoint).Run();
        if (move.Changes == 0)
        {
            return 0;
        }

        var queued = from.Replay.Order.Erases ? candidates.Count(candidate => ErasureWrites.Erase(transaction, candidate.Event, keys))
            : from.Replay.Order.DiscardedBy is { } by ? candidates.Count(candidate => HistoryChanges.Discard(transaction, candidate.Row, by))
            : from.Replay.Order.Of == ReplaySubject.DeadLetters ? QueueDeadLetters(transaction, from.Replay.Id, candidates)
            : QueueEvents(transaction, from.Replay.Id, candidates);
        move.Bind(4, queued).Bind(5, candidates.Count - queued).Bind(6, to.At).Bind(7, to.AfterEndpoint).Run();
        return queued;
    }

    private static int QueueDeadLetters(WriteTransaction transaction, string replay, IReadOnlyList<ReplayCandidate> candidates)
    {
        using var mark = transaction.Connection.Prepare("UPDATE dead_letters SET state = 1 WHERE no = ?1 AND state = 0");
        var queued = 0;
        foreach (var candidate in candidates)
        {
            mark.Bind(1, candidate.Row).Run();
            if (mark.Changes == 1)
            {
                transaction.Queue(candidate.Endpoint, candidate.Event, replay);
                queued++;
            }
        }

        return queued;
    }

    private static int QueueEvents(WriteTransaction transaction, string replay, IReadOnlyList<ReplayCandidate> candidates)
    {
        using var find = transaction.Connection.Prepare(
            """
            SELECT 1 FROM events WHERE seq = ?1 AND erased_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM pending WHERE endpoint = ?2 AND priority IN (0, 1, 2, 3, 4) AND seq = ?1)
                AND NOT EXISTS (SELECT 1 FROM pending WHERE event = ?1 AND endpoint = ?2)
                AND NOT EXISTS (SELECT 1 FROM held WHERE seq = ?1 AND endpoint = ?2)
            """);

        // A dead letter of it is queued with it, so that the schedule does not send it as well. Its next attempt is kept: it may be taken back.
        using var mark = transaction.Connection.Prepare("UPDATE dead_letters SET state = 1 WHERE event = ?1 AND endpoint = ?2");
        var queued = 0;
        foreach (var candidate in candidates)
        {
            if (find.Bind(1, candidate.Event).Bind(2, candidate.Endpoint).Scalar() is null)
            {
                continue;
            }

            mark.Bind(1, candidate.Event).Bind(2, candidate.Endpoint).Run();
            transaction.Queue(candidate.Endpoint, candidate.Event, replay);
            queued++;
        }

        return queued;
    }
}
