using Microsoft.Data.Sqlite;
using Middleware.Events;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <content>The handling of a group that cannot be written.</content>
internal sealed partial class GroupWriter
{
    /// <summary>True for an error that lies in the rows and not in the file.</summary>
    private static bool IsFaultOfARow(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is SQLITE_CONSTRAINT or SQLITE_TOOBIG or SQLITE_MISMATCH or SQLITE_RANGE,
        StoreUnavailableException => false,
        _ => true,
    };

    /// <summary>False when the store failed meanwhile; items that are neither written nor refused stay in the group.</summary>
    private bool TryWriteEachAlone()
    {
        _group.Accepts.RemoveAll(accept => IsDoneAlone(group => group.Accepts.Add(accept), exception =>
        {
            var first = accept.Events is [var routed, ..] ? routed.Event : null;
            RowRefused(exception, first?.CorrelationId, first?.IdText);
            _queue.Accepts.Refuse([accept], new StoreUnavailableException("The store refused the event.", exception));
        }));

        // A delivery whose outcome is refused stays pending and is made again after a restart.
        _group.Outcomes.RemoveAll(outcome => IsDoneAlone(group => group.Outcomes.Add(outcome), exception =>
            RowRefused(exception, outcome.First.CorrelationId, outcome.First.EventId.ToString("N"))));

        _group.Changes.RemoveAll(change => IsDoneAlone(group => group.Changes.Add(change), change.Failed));
        return _group.IsEmpty;
    }

    private bool IsDoneAlone(Action<WriteGroup> add, Action<Exception> refused)
    {
        var alone = new WriteGroup();
        add(alone);
        try
        {
            Commit(alone);
            return true;
        }
        catch (Exception exception) when (IsFaultOfARow(exception))
        {
            refused(exception);
            return true;
        }
        catch (Exception exception)
        {
            NoteFailure(exception);
            return false;
        }
    }

    /// <summary>
    /// Ends a transaction that failed. A commit whose result is unknown is settled by looking: the transaction is one, so one of its sequence numbers
    /// proves all of it. Outcomes that were committed after all are written again, which changes nothing.
    /// </summary>
    private bool SettleAsCommitted(WriteTransaction transaction)
    {
        if (sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _endpoints.EndGroup(committed: false, _sink);
            _statements.Rollback.Run();
            return false;
        }

        _isUnsure = true;
        var isCommitted = false;
        try
        {
            isCommitted = transaction.LastSequence > _lastSequence && _statements.ReadLastSequence() > _lastSequence;
        }
        finally
        {
            // Also when it cannot be read: the next commit must not apply the changes that this one left in the rows.
            _endpoints.EndGroup(isCommitted, _sink);
        }

        return isCommitted;
    }

    /// <summary>Counts anew after a commit with an unknown part, and has the lanes read deliveries that they may have missed.</summary>
    private void LookAgain()
    {
        _endpoints.Rebuild(_connection.Handle!);
        foreach (var row in _endpoints.All)
        {
            foreach (var priority in Priorities.HighestFirst)
            {
                _sink.Queued(row.Id, priority, _lastSequence);
            }
        }

        _isUnsure = false;
    }

    /// <summary>Writes to the store to find out that it works again: no request may come, least of all while readiness fails.</summary>
    private static bool ProbeTheStore(WriteTransaction transaction)
    {
        using var write = new Statement(transaction.Statements.Connection, "INSERT OR REPLACE INTO counters VALUES ('last_failure', ?1)");
        write.Bind(1, StoredTime.From(transaction.Now)).Run();
        return true;
    }

    private void RefuseWaiting()
    {
        var refusal = new StoreUnavailableException($"The store cannot be written at the moment: {Failure}");
        _queue.Accepts.RefuseAll(_group.Accepts, refusal);
        _group.Accepts.Clear();
        _group.Changes.ForEach(change => change.Failed(refusal));
        _group.Changes.Clear();
    }

    /// <summary>Refuses writes to a file that was removed: they must not be answered with 200.</summary>
    private void ThrowIfFileIsGone()
    {
        if (!_file.IsStillTheOneOf(_connection))
        {
            throw new StoreUnavailableException("The store's file was removed or replaced.");
        }
    }

    private void NoteSuccess()
    {
        if (Failure is not null)
        {
            Failure = null;
            WritingAgain();
        }
    }

    private void NoteFailure(Exception exception)
    {
        if (Failure is null)
        {
            NotWriting(exception, _file.Path);
        }

        Failure = exception.Message;
    }

    [LoggerMessage(LogLevel.Error, "the store cannot be written: events are refused, outcomes are held")]
    private partial void NotWriting(Exception exception, string path);

    [LoggerMessage(LogLevel.Warning, "the store can be written again")]
    private partial void WritingAgain();

    [LoggerMessage(LogLevel.Critical, "the store refused a row")]
    private partial void RowRefused(Exception exception, string? correlationId, string? eventId);

    [LoggerMessage(LogLevel.Warning, "a commit reported a failure and was found to be done")]
    private partial void CommitSettled();

    [LoggerMessage(LogLevel.Error, "outcomes not recorded before the stop: their deliveries are made again after the start")]
    private partial void OutcomesUnrecorded(int count);
}
