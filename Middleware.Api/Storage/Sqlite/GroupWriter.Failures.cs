using Microsoft.Data.Sqlite;
using Middleware.UseCases;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <content>What happens when a group cannot be written.</content>
internal sealed partial class GroupWriter
{
    /// <summary>True for an error that lies in what is written and not in where.</summary>
    private static bool IsFaultOfARow(SqliteException exception) =>
        exception.SqliteErrorCode is SQLITE_CONSTRAINT or SQLITE_TOOBIG or SQLITE_MISMATCH or SQLITE_RANGE;

    private void WriteEachAlone()
    {
        foreach (var accept in _group.Accepts)
        {
            CommitAlone(group => group.Accepts.Add(accept), exception =>
            {
                var first = accept.Events is [var routed, ..] ? routed.Event : null;
                RowRefused(exception, first?.CorrelationId, first?.IdText);
                accept.SetException(new StoreUnavailableException("The store refused the event.", exception));
            });
        }

        foreach (var outcome in _group.Outcomes)
        {
            // A delivery whose outcome is refused stays pending and is made again after a restart.
            CommitAlone(group => group.Outcomes.Add(outcome), exception =>
                RowRefused(exception, outcome.Delivery.Event.CorrelationId, outcome.Delivery.Event.IdText));
        }

        foreach (var change in _group.Changes)
        {
            CommitAlone(group => group.Changes.Add(change), change.Failed);
        }
    }

    private void CommitAlone(Action<WriteGroup> add, Action<Exception> refused)
    {
        var alone = new WriteGroup();
        add(alone);
        try
        {
            Commit(alone);
        }
        catch (Exception exception) when (exception is SqliteException or StoreUnavailableException)
        {
            refused(exception);
        }
    }

    /// <summary>
    /// Ends a transaction that failed. A commit whose result is unknown is settled by looking: the transaction is one, so if one of its
    /// events is there, all of it is.
    /// </summary>
    private bool SettleAsCommitted(WriteGroup group)
    {
        if (sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _statements.Rollback.Run();
        }
        else if (group.Accepts.FirstOrDefault(static accept => accept.FirstSequence > 0) is { } probe && IsStored(probe))
        {
            return true;
        }

        // Outcomes that were committed after all are written again, which changes nothing.
        _endpoints.EndGroup(committed: false);
        _endpoints.Rebuild(_connection.Handle!);
        return false;
    }

    private bool IsStored(AcceptItem accept) =>
        _statements.EventExists(accept.Events.First(static routed => routed.Outcome == AcceptOutcome.Accepted).Event.Id);

    private void RefuseWaiting()
    {
        var refusal = new StoreUnavailableException($"The store cannot be written at the moment: {Failure}");
        _group.Accepts.ForEach(accept => accept.SetException(refusal));
        _group.Accepts.Clear();
        _group.Changes.ForEach(change => change.Failed(refusal));
        _group.Changes.Clear();
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

    [LoggerMessage(LogLevel.Error, "{Count} outcomes could not be recorded before the stop; these deliveries are made again after the start")]
    private partial void OutcomesUnrecorded(int count);
}
