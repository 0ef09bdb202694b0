using Microsoft.Data.Sqlite;
using Middleware.Delivering;
using Middleware.Telemetry;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The one writer: a thread that commits the items of many requests and workers as one transaction. They share the cost of its flush. Requests are
/// answered after the commit, in one pass.
/// </summary>
internal sealed partial class GroupWriter : IDisposable
{
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly WriteQueue _queue = new();
    private readonly WriteGroup _group = new();
    private readonly SqliteConnection _connection;
    private readonly WriteStatements _statements;
    private readonly EndpointRows _endpoints;
    private readonly IDeliverySink _sink;
    private readonly StoreFile _file;
    private readonly MiddlewareMetrics _metrics;
    private readonly Defects _defects;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private long _lastSequence;
    private bool _isUnsure;
    private volatile bool _startLogAnew;

    public GroupWriter(
        StoreFile file,
        SqliteConnection connection,
        EndpointRows endpoints,
        IDeliverySink sink,
        MiddlewareMetrics metrics,
        Defects defects,
        TimeProvider clock,
        ILogger logger)
    {
        _defects = defects;
        _file = file;
        _metrics = metrics;
        _connection = connection;
        _endpoints = endpoints;
        _sink = sink;
        _clock = clock;
        _logger = logger;
        _statements = new WriteStatements(connection.Handle!);
        _lastSequence = _statements.ReadLastSequence();
        _thread = new Thread(Run) { IsBackground = true, Name = "Store writer" };
    }

    /// <summary>The reason for which nothing can be written at the moment; null while writes succeed.</summary>
    public string? Failure { get; private set; }

    /// <summary>The items that wait to be written; items may be added before the start.</summary>
    public WriteQueue Queue => _queue;

    public void Start() => _thread.Start();

    /// <summary>
    /// Has the log written over from its start. Before the next transaction its last pages are moved into the database. Only the writer can do that
    /// without a wait for itself. SQLite waits for a taken lock in steps of up to 100 ms.
    /// </summary>
    public void StartLogAnew() => _startLogAnew = true;

    /// <summary>Writes the queued items and ends.</summary>
    public void Dispose()
    {
        _queue.Complete();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _queue.Dispose();
        _statements.Dispose();
        _connection.Dispose();
    }

    private void Run()
    {
        var unrecorded = 0;
        while (_queue.Take(_group))
        {
            if (TryWriteGroup())
            {
                _group.Clear();
                continue;
            }

            // Accepted events are refused; the outcomes are held and written when that is possible again.
            RefuseWaiting();
            if (_queue.IsCompleted)
            {
                unrecorded += _group.Outcomes.Sum(static outcome => outcome.Count);
                _group.Clear();
                continue;
            }

            _queue.Pause(FailurePause);
            _group.Changes.Add(new ChangeItem<bool>(ProbeTheStore));
        }

        if (unrecorded > 0)
        {
            OutcomesUnrecorded(unrecorded);
        }
    }

    private bool TryWriteGroup()
    {
        try
        {
            Commit(_group);
            return true;
        }
        catch (Exception exception) when (IsFaultOfARow(exception))
        {
            // One bad row must not fail its neighbours: each is written alone, and only the bad one fails.
            return TryWriteEachAlone();
        }
        catch (Exception exception)
        {
            NoteFailure(exception);
            return false;
        }
    }

    private void Commit(WriteGroup group)
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
            NoteSuccess();
            _metrics.Committed(duration, rows);
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
}
