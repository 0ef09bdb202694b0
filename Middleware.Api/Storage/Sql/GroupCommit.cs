using Middleware.Delivering;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Storage.Sql;

/// <summary>
/// Commits a group as one transaction, and answers its senders after it. A commit whose result is unknown is settled by looking.
/// </summary>
internal sealed partial class GroupCommit : IDisposable
{
    private readonly IStoreWriter _writer;
    private readonly HeldRows _held;
    private readonly EndpointRows _endpoints;
    private readonly IDeliverySink _sink;
    private readonly WriteQueue _queue;
    private readonly WriteFailure _failure;
    private readonly MiddlewareMetrics _metrics;
    private readonly Defects _defects;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private long _lastSequence;
    private long _committed;
    private bool _isUnsure;
    private volatile bool _isInTheDatabase;

    public GroupCommit(
        IStoreWriter writer,
        EndpointRows endpoints,
        IDeliverySink sink,
        WriteQueue queue,
        WriteFailure failure,
        MiddlewareMetrics metrics,
        Defects defects,
        TimeProvider clock,
        ILogger logger)
    {
        (_writer, _endpoints, _sink, _queue, _failure) = (writer, endpoints, sink, queue, failure);
        (_metrics, _defects, _clock, _logger) = (metrics, defects, clock, logger);
        _held = new HeldRows(writer.Connection);
        _committed = _lastSequence = writer.LastSequence;
    }

    /// <summary>The last number of those that are committed and safe. Read on any thread.</summary>
    public long Committed => Volatile.Read(ref _committed);

    /// <summary>True while it may wait for the disk, or for the server.</summary>
    public bool IsInTheDatabase => _isInTheDatabase;

    public void Execute(WriteGroup group)
    {
        _isInTheDatabase = true;
        try
        {
            ExecuteIn(group);
        }
        finally
        {
            _isInTheDatabase = false;
        }
    }

    public void Dispose()
    {
        _held.Dispose();
        _writer.Dispose();
    }

    private void ExecuteIn(WriteGroup group)
    {
        _writer.BeforeTransaction();
        if (_isUnsure || _writer.MustRebuild)
        {
            LookAgain();
        }

        if (group.IsEmpty)
        {
            return;
        }

        var transaction = new WriteTransaction(_writer, _endpoints, _held, _clock, _lastSequence);
        var (started, rowsBefore) = (_clock.GetTimestamp(), _writer.Statements.RowsWritten);
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
        _writer.ThrowIfLost();
        _isUnsure = false;
        Volatile.Write(ref _committed, _lastSequence);
        _isInTheDatabase = false;
        Finish(transaction, group, _clock.GetElapsedTime(started), _writer.Statements.RowsWritten - rowsBefore);
    }

    private void Write(WriteTransaction transaction, WriteGroup group)
    {
        _writer.Begin(group, _endpoints);
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

        _writer.Commit(transaction);
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
            transaction.Expired.ForEach(_metrics.Expired);
            transaction.Notify(_sink, group);
        }
        catch (Exception exception)
        {
            // The lanes read deliveries that they may have missed.
            _defects.Note("store", exception);
            _isUnsure = true;
            _queue.Wake();
        }

        _queue.Accepts.Answer(group.Accepts);
        group.Outcomes.ForEach(static outcome => outcome.Commit());
        group.Changes.ForEach(static change => change.Committed());
    }

    /// <summary>
    /// Ends a transaction that failed. The transaction is one, so one of its sequence numbers proves all of it. Outcomes that were committed after all
    /// are written again, which changes nothing.
    /// </summary>
    private bool SettleAsCommitted(WriteTransaction transaction)
    {
        var isCommitted = false;
        try
        {
            // Also where that throws.
            _isUnsure = true;
            _isUnsure = !_writer.TryRollback();
            if (_isUnsure)
            {
                isCommitted = _writer.IsCommitted(_lastSequence, transaction.LastSequence);
            }
        }
        finally
        {
            // Also when it cannot be known: the next commit must not apply the changes that this one left in the rows.
            _endpoints.EndGroup(isCommitted, _sink);
        }

        return isCommitted;
    }

    /// <summary>Counts anew after a commit with an unknown part, and has the lanes read deliveries that they may have missed.</summary>
    private void LookAgain()
    {
        _writer.Rebuild(_endpoints);
        foreach (var row in _endpoints.All)
        {
            foreach (var priority in Priorities.HighestFirst)
            {
                _sink.Queued(row.Id, priority, _lastSequence);
            }

            if (row.HasKeys)
            {
                _sink.Due(row.Id, DateTimeOffset.MinValue);
            }
        }

        _isUnsure = false;
    }

    [LoggerMessage(LogLevel.Warning, "a commit reported a failure and was found to be done")]
    private partial void CommitSettled();
}
