using Middleware.Domain;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>The writer's SQL, prepared once.</summary>
internal sealed class WriteStatements(sqlite3 connection) : IDisposable
{
    private readonly Statement _insertEvent = new Statement(
        connection,
        """
        INSERT INTO events (seq, id, correlation_id, source, event_type, priority, accepted_at, endpoints, trace_parent, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """);

    private readonly Statement _insertPending = new Statement(connection, "INSERT INTO pending (endpoint, priority, seq) VALUES (?1, ?2, ?3)");

    private readonly Statement _deletePending = new Statement(connection, "DELETE FROM pending WHERE endpoint = ?1 AND priority = ?2 AND seq = ?3");

    private readonly Statement _insertAttempt = new Statement(
        connection,
        """
        INSERT INTO attempts (seq, endpoint, number, started_at, duration, status, reason, error, response)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """);

    private readonly Statement _insertEndpoint = new Statement(connection, "INSERT OR IGNORE INTO endpoints (id) VALUES (?1)");

    private readonly Statement _endpointNumber = new Statement(connection, "SELECT no FROM endpoints WHERE id = ?1");

    private readonly Statement _eventExists = new Statement(connection, "SELECT seq FROM events WHERE id = ?1");


    public Statement Begin { get; } = new Statement(connection, "BEGIN IMMEDIATE");

    public Statement Commit { get; } = new Statement(connection, "COMMIT");

    public Statement Rollback { get; } = new Statement(connection, "ROLLBACK");

    public Statement LastSequence { get; } = new Statement(
        connection, "SELECT MAX((SELECT value FROM counters WHERE name = 'last_purged_seq'), COALESCE((SELECT MAX(seq) FROM events), 0))");

    public void InsertEvent(long sequence, IntegrationEvent accepted, int endpoints) => _insertEvent
        .Bind(1, sequence)
        .Bind(2, accepted.Id.ToByteArray(bigEndian: true))
        .Bind(3, accepted.CorrelationId)
        .Bind(4, accepted.Source)
        .Bind(5, accepted.EventType)
        .Bind(6, (long)accepted.Priority)
        .Bind(7, StoredTime.From(accepted.AcceptedAt))
        .Bind(8, endpoints)
        .Bind(9, accepted.TraceParent)
        .Bind(10, accepted.Payload.Span)
        .Run();

    public void InsertPending(long endpoint, Priority priority, long sequence) =>
        _insertPending.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, sequence).Run();

    /// <summary>False when the delivery had ended already.</summary>
    public bool DeletePending(long endpoint, Priority priority, long sequence)
    {
        _deletePending.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, sequence).Run();
        return _deletePending.Changes == 1;
    }

    public void InsertAttempt(long sequence, long endpoint, Attempt attempt) => _insertAttempt
        .Bind(1, sequence)
        .Bind(2, endpoint)
        .Bind(3, attempt.Number)
        .Bind(4, StoredTime.From(attempt.StartedAt))
        .Bind(5, (long)attempt.Duration.TotalMicroseconds)
        .Bind(6, (long?)attempt.StatusCode)
        .Bind(7, attempt.Reason)
        .Bind(8, attempt.Error)
        .Bind(9, attempt.Response.Span)
        .Run();

    public long EndpointNumber(EndpointId id)
    {
        _insertEndpoint.Bind(1, id.Value).Run();
        return _endpointNumber.Bind(1, id.Value).Scalar()!.Value;
    }

    public bool EventExists(Guid id) => _eventExists.Bind(1, id.ToByteArray(bigEndian: true)).Scalar() is not null;

    public void Dispose()
    {
        Statement[] all =
            [Begin, Commit, Rollback, LastSequence, _insertEvent, _insertPending, _deletePending, _insertAttempt, _insertEndpoint, _endpointNumber, _eventExists];
        foreach (var statement in all)
        {
            statement.Dispose();
        }
    }
}
