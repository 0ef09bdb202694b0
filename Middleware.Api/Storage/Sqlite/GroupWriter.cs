using Microsoft.Data.Sqlite;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The one writer: a thread that commits what many requests and workers handed in as one transaction, so that they share the cost of
/// its flush. Requests are answered after the commit, in one pass.
/// </summary>
internal sealed partial class GroupWriter : IDisposable
{
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly WriteQueue _queue = new();
    private readonly List<AcceptItem> _accepts = [];
    private readonly List<OutcomeItem> _outcomes = [];
    private readonly SqliteConnection _connection;
    private readonly WriteStatements _statements;
    private readonly EndpointRows _endpoints;
    private readonly IDeliverySink _sink;
    private readonly StoreFile _file;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private long _lastSequence;

    public GroupWriter(StoreFile file, SqliteConnection connection, EndpointRows endpoints, IDeliverySink sink, ILogger logger)
    {
        _file = file;
        _connection = connection;
        _endpoints = endpoints;
        _sink = sink;
        _logger = logger;
        _statements = new WriteStatements(connection.Handle!);
        _lastSequence = _statements.LastSequence.Scalar() ?? 0;
        _thread = new Thread(Run) { IsBackground = true, Name = "Store writer" };
        _thread.Start();
    }

    /// <summary>Why nothing can be written at the moment; null while all is well.</summary>
    public string? Failure { get; private set; }

    public void Add(AcceptItem item) => _queue.Add(item);

    public void Add(OutcomeItem item) => _queue.Add(item);

    /// <summary>Writes what is queued and ends.</summary>
    public void Dispose()
    {
        _queue.Complete();
        _thread.Join();
        _queue.Dispose();
        _statements.Dispose();
        _connection.Dispose();
    }

    private void Run()
    {
        while (_queue.Take(_accepts, _outcomes))
        {
            if (TryWriteGroup())
            {
                _accepts.Clear();
                _outcomes.Clear();
                continue;
            }

            // What is accepted is refused; the outcomes are held and written when that is possible again.
            FailAccepts();
            if (_queue.IsCompleted)
            {
                OutcomesUnrecorded(_outcomes.Count);
                return;
            }

            _queue.Pause(FailurePause);
        }
    }

    private bool TryWriteGroup()
    {
        try
        {
            Commit(_accepts, _outcomes);
            return true;
        }
        catch (SqliteException exception) when (IsFaultOfARow(exception))
        {
            // One bad row must not fail its neighbours: each is written alone, and only the bad one fails.
            WriteEachAlone();
            return true;
        }
        catch (Exception exception) when (exception is SqliteException or StoreUnavailableException)
        {
            NoteFailure(exception);
            return false;
        }
    }

    private void Commit(IReadOnlyList<AcceptItem> accepts, IReadOnlyList<OutcomeItem> outcomes)
    {
        ThrowIfFileIsGone();
        try
        {
            Write(accepts, outcomes);
        }
        catch (SqliteException) when (SettleAsCommitted(accepts))
        {
            CommitSettled();
        }

        _endpoints.EndGroup(committed: true);
        ThrowIfFileIsGone();
        Tell(accepts);
    }

    private void Write(IReadOnlyList<AcceptItem> accepts, IReadOnlyList<OutcomeItem> outcomes)
    {
        _statements.Begin.Run();
        foreach (var accept in accepts)
        {
            accept.Outcome = Insert(accept);
        }

        foreach (var outcome in outcomes)
        {
            End(outcome);
        }

        _statements.Commit.Run();
    }

    /// <summary>Writing goes on in a file that was removed, and is gone with the process: that must not be answered with 200.</summary>
    private void ThrowIfFileIsGone()
    {
        if (!File.Exists(_file.Path))
        {
            throw new StoreUnavailableException($"The store's file {_file.Path} is gone.");
        }
    }

    private AcceptOutcome Insert(AcceptItem accept)
    {
        var priority = accept.Event.Priority;
        if (!accept.Endpoints.IsEmpty && !accept.Endpoints.Any(endpoint => Admits(endpoint, priority)))
        {
            return AcceptOutcome.QueueFull;
        }

        accept.Sequence = ++_lastSequence;
        _statements.InsertEvent(accept.Sequence, accept.Event, accept.Endpoints.Length);
        foreach (var endpoint in accept.Endpoints)
        {
            var row = _endpoints.Get(endpoint.Id, _statements);
            _statements.InsertPending(row.Number, priority, accept.Sequence);
            row.InGroup++;
        }

        return AcceptOutcome.Accepted;
    }

    private bool Admits(WebhookEndpoint endpoint, Priority priority)
    {
        var row = _endpoints.Get(endpoint.Id, _statements);
        return endpoint.Queue.Admits(priority, row.Waiting + row.InGroup);
    }

    private void End(OutcomeItem item)
    {
        var delivery = item.Delivery;
        var row = _endpoints.Get(delivery.EndpointId, _statements);
        if (!_statements.DeletePending(row.Number, delivery.Event.Priority, delivery.Sequence))
        {
            return;
        }

        row.InGroup--;
        foreach (var attempt in item.Outcome.Attempts)
        {
            _statements.InsertAttempt(delivery.Sequence, row.Number, attempt);
        }
    }

    private void Tell(IReadOnlyList<AcceptItem> accepts)
    {
        if (Failure is not null)
        {
            Failure = null;
            WritingAgain();
        }

        foreach (var accept in accepts)
        {
            if (accept.Outcome == AcceptOutcome.Accepted)
            {
                foreach (var endpoint in accept.Endpoints)
                {
                    _sink.Committed(new Delivery(accept.Sequence, accept.Event, endpoint.Id));
                }
            }

            accept.SetResult(accept.Outcome);
        }
    }
}
