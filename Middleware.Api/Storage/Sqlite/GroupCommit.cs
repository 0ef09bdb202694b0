using Microsoft.Data.Sqlite;
using Middleware.Delivering;
using Middleware.Events;
using Middleware.Telemetry;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// Commits a group as one transaction, and answers its senders after it. A commit whose result is unknown is settled by looking.
/// </summary>
internal sealed partial class GroupCommit : IDisposable
{
    private readonly StoreFile _file;
    private readonly SqliteConnection _connection;
    private readonly WriteStatements _statements;
    private readonly EndpointRows _endpoints;
    private readonly IDeliverySink _sink;
    private readonly WriteQueue _queue;
    private readonly WriteFailure _failure;
    private readonly MiddlewareMetrics _metrics;
    private readonly Defects _defects;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private long _lastSequence;
    private bool _isUnsure;
    private volatile bool _startLogAnew;
    private volatile Action<bool>? _emptied;

    public GroupCommit(
        StoreFile file,
        SqliteConnection connection,
        EndpointRows endpoints,
        IDeliverySink sink,
        WriteQueue queue,
        WriteFailure failure,
        MiddlewareMetrics metrics,
        Defects defects,
        TimeProvider clock,
        ILogger logger)
    {
        (_file, _connection, _endpoints, _sink, _queue, _failure) = (file, connection, endpoints, sink, queue, failure);
        (_metrics, _defects, _clock, _logger) = (metrics, defects, clock, logger);
        _statements = new WriteStatements(connection.Handle!);
        _lastSequence = _statements.ReadLastSequence();
    }

    /// <summary>
    /// Has the log written over from its start. Before the next transaction its last pages are moved into the database. Only the writer can do that
    /// without a wait for itself. SQLite waits for a taken lock in steps of up to 100 ms.
    /// </summary>
    public void StartLogAnew() => _startLogAnew = true;

    /// <summary>
    /// Has the log's file emptied before the next transaction, and calls <paramref name="emptied"/>: false while a reader still reads from the log.
    /// </summary>
    public void EmptyLog(Action<bool> emptied) => _emptied = emptied;

    public void Execute(WriteGroup group)
    {
        ThrowIfFileIsGone();
        if (_isUnsure)
        {
            LookAgain();
        }

        if (_startLogAnew)
        {
            _startLogAnew = false;
            _statements.Checkpoint.Run();
        }

        if (_emptied is { } emptied)
        {
            _emptied = null;
            EmptyLogNow(emptied);
        }

        var transaction = new WriteTransaction(_statements, _endpoints, _clock, _lastSequence);
        var (started, rowsBefore) = (_clock.GetTimestamp(), _statements.RowsWritten);
        try
        {
            Write(transaction, group);
        }
        catch
        {
            if (!SettleAsCommitted(transaction))
            {
                throw;
            }

            CommitSettled();
        }
        finally
        {
            // Numbers are never used twice, not even after a transaction that failed.
            _lastSequence = transaction.LastSequence;
        }

        _endpoints.EndGroup(committed: true, _sink);
        _isUnsure = true;
        ThrowIfFileIsGone();
        _isUnsure = false;
        Finish(transaction, group, _clock.GetElapsedTime(started), _statements.RowsWritten - rowsBefore);
    }

    public void Dispose()
    {
        _statements.Dispose();
        _connection.Dispose();
    }

    private void EmptyLogNow(Action<bool> emptied)
    {
        var isDone = false;
        try
        {
            isDone = _statements.TryEmptyLog();
        }
        finally
        {
            emptied(isDone);
        }
    }

    private void Write(WriteTransaction transaction, WriteGroup group)
    {
        _statements.Begin.Run();
        foreach (var accept in group.Accepts)
        {
            AcceptWrites.Accept(transaction, accept);
        }

        foreach (var outcome in group.Outcomes)
        {
            outcome.Write(transaction);
        }

        foreach (var change in group.Changes)
        {
            change.Write(transaction);
        }

        _statements.Commit.Run();
    }

    /// <summary>
    /// Answers a committed group. A failure here must not fail the commit: it would be written again, and its senders would get a refusal of kept
    /// events.
    /// </summary>
    private void Finish(WriteTransaction transaction, WriteGroup group, TimeSpan duration, int rows)
    {
        try
        {
            _failure.End();
            _metrics.Committed(duration, rows);
            transaction.Erased.ForEach(_metrics.Erased);
            transaction.Notify(_sink, group);
        }
        catch (Exception exception)
        {
            // The lanes read deliveries that they may have missed, at the latest with this change.
            _defects.Note("store", exception);
            _isUnsure = true;
            _queue.Add(new ChangeItem<bool>(static _ => true));
        }

        _queue.Accepts.Answer(group.Accepts);
        group.Changes.ForEach(static change => change.Committed());
    }

    /// <summary>
    /// Ends a transaction that failed. The transaction is one, so one of its sequence numbers proves all of it. Outcomes that were committed after all
    /// are written again, which changes nothing.
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

    /// <summary>Refuses writes to a file that was removed: they must not be answered with 200.</summary>
    private void ThrowIfFileIsGone()
    {
        if (!_file.IsStillTheOneOf(_connection))
        {
            throw new StoreUnavailableException("The store's file was removed or replaced.");
        }
    }

    [LoggerMessage(LogLevel.Warning, "a commit reported a failure and was found to be done")]
    private partial void CommitSettled();
}
