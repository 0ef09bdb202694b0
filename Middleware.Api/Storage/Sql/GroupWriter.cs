using Middleware.Delivering;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Storage.Sql;

/// <summary>
/// The one writer: a thread that commits the items of many requests and workers as one transaction. They share the cost of its flush. Requests are
/// answered after the commit, in one pass.
/// </summary>
internal sealed partial class GroupWriter : IDisposable
{
    /// <summary>The times that a group is written again after errors that pass.</summary>
    public const int MostRepeats = 5;

    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PingPause = TimeSpan.FromMilliseconds(100);

    private readonly IStoreWriter _writer;
    private readonly WriteGroup _group = new();
    private readonly WriteFailure _failure;
    private readonly GroupCommit _commit;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Thread _thread;

    public GroupWriter(
        IStoreWriter writer,
        string place,
        EndpointRows endpoints,
        IDeliverySink sink,
        MiddlewareMetrics metrics,
        Defects defects,
        TimeProvider clock,
        ILogger logger)
    {
        (_writer, _clock, _logger, Endpoints, Sink) = (writer, clock, logger, endpoints, sink);
        Queue = new WriteQueue(clock, () => writer.IsAmongOthers);
        _failure = new WriteFailure(place, logger);
        _commit = new GroupCommit(writer, endpoints, sink, Queue, _failure, metrics, defects, clock, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "Store writer" };
    }

    /// <summary>The reason for which nothing can be written at the moment; null while writes succeed.</summary>
    public string? Failure => _failure.Reason;

    /// <inheritdoc cref="GroupCommit.Committed"/>
    public long Committed => _commit.Committed;

    public EndpointRows Endpoints { get; }

    public IDeliverySink Sink { get; }

    /// <summary>The items that wait to be written; items may be added before the start.</summary>
    public WriteQueue Queue { get; }

    public void Start() => _thread.Start();

    /// <inheritdoc cref="WriteQueue.Wake"/>
    public void Wake() => Queue.Wake();

    /// <summary>
    /// Completes as soon as the writer looks for items, or is in the database: a disk that stalls is no reason to restart the service.
    /// </summary>
    public async Task PingAsync()
    {
        var ping = Queue.PingAsync();
        while (!ping.IsCompleted && !_commit.IsInTheDatabase)
        {
            await Task.WhenAny(ping, Task.Delay(PingPause, _clock));
        }
    }

    /// <summary>Completes when all outcomes that were handed over before are committed.</summary>
    public async Task WhenOutcomesCommittedAsync()
    {
        var (item, committed) = AttemptItem.Mark();
        await Queue.AddAsync(item, CancellationToken.None);
        await committed;
    }

    /// <summary>Writes the queued items and ends.</summary>
    public void Dispose()
    {
        Queue.Complete();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        Queue.Dispose();
        _commit.Dispose();
    }

    private void Run()
    {
        var unrecorded = 0;
        while (Queue.Take(_group))
        {
            if (TryWriteGroup())
            {
                _group.Clear();
                continue;
            }

            // Accepted events are refused; the outcomes are held and written when that is possible again.
            RefuseWaiting();
            if (Queue.IsCompleted)
            {
                unrecorded += _group.Outcomes.Sum(static outcome => outcome.Attempts);
                _group.Clear();
                continue;
            }

            Queue.Pause(FailurePause);
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
            Execute(_group);
            return true;
        }
        catch (Exception exception) when (_writer.IsFaultOfARow(exception))
        {
            // One bad row must not fail its neighbours: each is written alone, and only the bad one fails.
            return TryWriteEachAlone();
        }
        catch (Exception exception)
        {
            _failure.Begin(exception);
            return false;
        }
    }

    /// <summary>Writes a group, again after an error that passes. Its senders wait meanwhile.</summary>
    private void Execute(WriteGroup group)
    {
        for (var repeats = 0; ; repeats++)
        {
            try
            {
                _commit.Execute(group);
                return;
            }
            catch (Exception exception) when (repeats < MostRepeats && _writer.IsPassing(exception))
            {
                Repeating(exception.Message);
            }
        }
    }

    /// <summary>False when the store failed meanwhile; items that are neither written nor refused stay in the group.</summary>
    private bool TryWriteEachAlone()
    {
        _group.Accepts.RemoveAll(accept => IsDoneAlone(group => group.Accepts.Add(accept), exception =>
        {
            var first = accept.Events is [var routed, ..] ? routed.Event : null;
            RowRefused(exception, first?.CorrelationId, first?.IdText);
            Queue.Accepts.Refuse([accept], new StoreUnavailableException("The store refused the event.", exception));
        }));

        // A delivery whose outcome is refused stays pending and is made again after a restart.
        _group.Outcomes.RemoveAll(outcome => IsDoneAlone(group => group.Outcomes.Add(outcome), exception =>
        {
            RowRefused(exception, outcome.First.CorrelationId, outcome.First.EventId.ToString("N"));
            outcome.Failed(exception);
        }));

        _group.Changes.RemoveAll(change => IsDoneAlone(group => group.Changes.Add(change), change.Failed));
        return _group.IsEmpty;
    }

    private bool IsDoneAlone(Action<WriteGroup> add, Action<Exception> refused)
    {
        var alone = new WriteGroup();
        add(alone);
        try
        {
            Execute(alone);
            return true;
        }
        catch (Exception exception) when (_writer.IsFaultOfARow(exception))
        {
            refused(exception);
            return true;
        }
        catch (Exception exception)
        {
            _failure.Begin(exception);
            return false;
        }
    }

    private void RefuseWaiting()
    {
        var refusal = new StoreUnavailableException($"The store cannot be written at the moment: {Failure}");
        Queue.Accepts.RefuseAll(_group.Accepts, refusal);
        _group.Accepts.Clear();
        _group.Changes.ForEach(change => change.Failed(refusal));
        _group.Changes.Clear();
    }

    /// <summary>Writes to the store to find out that it works again: no request may come, least of all while readiness fails.</summary>
    private static bool ProbeTheStore(WriteTransaction transaction)
    {
        using var write = transaction.Connection.Prepare("INSERT INTO counters (name, value) VALUES ('last_failure', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1");
        write.Bind(1, StoredTime.From(transaction.Now)).Run();
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "the database ended a transaction, which is written again")]
    private partial void Repeating(string error);

    [LoggerMessage(LogLevel.Critical, "the store refused a row")]
    private partial void RowRefused(Exception exception, string? correlationId, string? eventId);

    [LoggerMessage(LogLevel.Error, "outcomes not recorded before the stop: their deliveries are made again after the start")]
    private partial void OutcomesUnrecorded(int count);
}
