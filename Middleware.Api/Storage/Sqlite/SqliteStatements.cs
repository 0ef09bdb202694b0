using Middleware.Accepting;
using Middleware.Events;
using Middleware.Storage.Sql;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>The writer's SQL, prepared once: each row is a statement.</summary>
internal sealed class SqliteStatements(sqlite3 connection) : IWriteStatements
{
    private readonly SqliteStatement _insertEvent = new(
        connection,
        """
        INSERT INTO events (seq, id, correlation_id, source, event_type, priority, accepted_at, endpoints, trace_parent, payload, claim, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """);

    private readonly SqliteStatement _insertExpiring = new(connection, "INSERT INTO expiring (expires_at, event) VALUES (?1, ?2)");

    private readonly SqliteStatement _insertPending = new(connection, "INSERT INTO pending (endpoint, priority, seq) VALUES (?1, ?2, ?3)");

    private readonly SqliteStatement _insertOrdered = new(connection, "INSERT INTO pending (endpoint, priority, seq, key_hash) VALUES (?1, 4, ?2, ?3)");

    private readonly SqliteStatement _insertBackground = new(connection, "INSERT INTO pending (endpoint, priority, seq, event, replay) VALUES (?1, -1, ?2, ?3, ?4)");

    private readonly SqliteStatement _deletePending = new(connection, "DELETE FROM pending WHERE endpoint = ?1 AND priority = ?2 AND seq = ?3");

    private readonly SqliteStatement _updatePending = new(connection, "UPDATE pending SET tries = ?4, not_before = ?5 WHERE endpoint = ?1 AND priority = ?2 AND seq = ?3");

    // An attempt that is there already is the same one, of a transaction whose commit was not known to be done.
    private readonly SqliteStatement _insertAttempt = new(
        connection,
        """
        INSERT INTO attempts (seq, endpoint, started_at, duration, status, reason, error, response, batch, number, sealed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (seq, endpoint, number) DO NOTHING
        """);

    private readonly SqliteStatement _upsertDeadLetter = new(
        connection,
        """
        INSERT INTO dead_letters (event, endpoint, state, reason, failures, first_dead_at, dead_at, next_retry_at)
        VALUES (?1, ?2, 0, ?3, 1, ?4, ?4, ?5)
        ON CONFLICT (event, endpoint) DO UPDATE
        SET state = 0, reason = ?3, failures = failures + 1, dead_at = ?4, next_retry_at = ?5, discarded_by = NULL, discarded_at = NULL, fallback = NULL
        """);

    private readonly SqliteStatement _upsertExpired = new(
        connection,
        """
        INSERT INTO dead_letters (event, endpoint, state, reason, failures, first_dead_at, dead_at) VALUES (?1, ?2, 5, ?3, 0, ?4, ?4)
        ON CONFLICT (event, endpoint) DO UPDATE
        SET state = 5, reason = ?3, dead_at = ?4, next_retry_at = NULL, discarded_by = NULL, discarded_at = NULL, fallback = NULL
        """);

    private readonly SqliteStatement _deleteDeadLetter = new(connection, "DELETE FROM dead_letters WHERE event = ?1 AND endpoint = ?2");

    private readonly SqliteStatement _insertEndpoint = new(connection, "INSERT INTO endpoints (id) VALUES (?1) ON CONFLICT DO NOTHING");

    private readonly SqliteStatement _endpointNumber = new(connection, "SELECT no FROM endpoints WHERE id = ?1");

    private readonly SqliteStatement _setFailingSince = new(connection, "UPDATE endpoints SET failing_since = NULLIF(?2, 0) WHERE no = ?1");

    private readonly SqliteStatement _findClaim = new(connection, "SELECT body_hash, answer FROM idempotency WHERE route = ?1 AND key = ?2 AND expires_at > ?3");

    private readonly SqliteStatement _insertClaim = new(
        connection,
        """
        INSERT OR REPLACE INTO idempotency (route, key, body_hash, answer, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
        """);

    private readonly SqliteStatement _insertBatch = new(connection, "INSERT INTO batches (endpoint, id, deliveries) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");

    private readonly SqliteStatement _deleteBatch = new(connection, "DELETE FROM batches WHERE endpoint = ?1 AND id = ?2");

    public int RowsWritten => raw.sqlite3_total_changes(connection);

    public void InsertEvent(long sequence, IntegrationEvent accepted, ReadOnlyMemory<byte> payload, int endpoints, string? claim)
    {
        Span<byte> id = stackalloc byte[16];
        accepted.Id.TryWriteBytes(id, bigEndian: true, out _);
        _insertEvent
            .Bind(1, sequence)
            .Bind(2, id)
            .Bind(3, accepted.CorrelationId)
            .Bind(4, accepted.Source)
            .Bind(5, accepted.EventType)
            .Bind(6, (long)accepted.Priority)
            .Bind(7, StoredTime.From(accepted.AcceptedAt))
            .Bind(8, endpoints)
            .Bind(9, accepted.TraceParent)
            .Bind(10, payload.Span)
            .Bind(11, claim)
            .Bind(12, StoredTime.From(accepted.ExpiresAt))
            .Run();
        if (accepted.ExpiresAt is { } expiresAt && endpoints > 0)
        {
            _insertExpiring.Bind(1, StoredTime.From(expiresAt)).Bind(2, sequence).Run();
        }
    }

    public void InsertPending(long endpoint, Priority priority, long sequence) =>
        _insertPending.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, sequence).Run();

    public void InsertOrdered(long endpoint, long sequence, long key) => _insertOrdered.Bind(1, endpoint).Bind(2, sequence).Bind(3, key).Run();

    public void InsertBackground(long endpoint, long sequence, long eventSequence, string? replay) =>
        _insertBackground.Bind(1, endpoint).Bind(2, sequence).Bind(3, eventSequence).Bind(4, replay).Run();

    public bool DeletePending(long endpoint, Priority priority, long sequence)
    {
        _deletePending.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, sequence).Run();
        return _deletePending.Changes == 1;
    }

    public bool UpdatePending(long endpoint, Priority priority, long sequence, DeliveryOutcome outcome)
    {
        _updatePending.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, sequence).Bind(4, outcome.Tries).Bind(5, StoredTime.From(outcome.NextTryAt)).Run();
        return _updatePending.Changes == 1;
    }

    public bool HasOutcome(long endpoint, long eventSequence) => false;

    public void InsertAttempt(long eventSequence, long endpoint, int number, Attempt attempt, byte[]? sealedResponse)
    {
        var insert = _insertAttempt
            .Bind(1, eventSequence)
            .Bind(2, endpoint)
            .Bind(3, StoredTime.From(attempt.StartedAt))
            .Bind(4, (long)attempt.Duration.TotalMicroseconds)
            .Bind(5, (long?)attempt.StatusCode)
            .Bind(6, attempt.Reason)
            .Bind(7, attempt.Error)
            .Bind(10, number);
        _ = attempt.Response.IsEmpty || sealedResponse is not null ? insert.BindNullBlob(8) : insert.Bind(8, attempt.Response.Span);
        _ = sealedResponse is null ? insert.BindNullBlob(11) : insert.Bind(11, sealedResponse);
        (attempt.BatchId is { } batch ? insert.Bind(9, batch.ToByteArray(bigEndian: true)) : insert.BindNullBlob(9)).Run();
    }

    public void InsertBatch(long endpoint, Guid id, ReadOnlySpan<byte> deliveries) =>
        _insertBatch.Bind(1, endpoint).Bind(2, id.ToByteArray(bigEndian: true)).Bind(3, deliveries).Run();

    public void DeleteBatch(long endpoint, Guid id) => _deleteBatch.Bind(1, endpoint).Bind(2, id.ToByteArray(bigEndian: true)).Run();

    public void UpsertDeadLetter(long eventSequence, long endpoint, string reason, DateTimeOffset deadAt, DateTimeOffset? nextRetryAt) => _upsertDeadLetter
        .Bind(1, eventSequence)
        .Bind(2, endpoint)
        .Bind(3, reason)
        .Bind(4, StoredTime.From(deadAt))
        .Bind(5, nextRetryAt is { } next ? StoredTime.From(next) : null)
        .Run();

    public void UpsertExpired(long eventSequence, long endpoint, DateTimeOffset at) =>
        _upsertExpired.Bind(1, eventSequence).Bind(2, endpoint).Bind(3, FailureReason.Expired).Bind(4, StoredTime.From(at)).Run();

    public void DeleteDeadLetter(long eventSequence, long endpoint) => _deleteDeadLetter.Bind(1, eventSequence).Bind(2, endpoint).Run();

    public long EndpointNumber(EndpointId id)
    {
        _insertEndpoint.Bind(1, id.Value).Run();
        return _endpointNumber.Bind(1, id.Value).Scalar()!.Value;
    }

    public void SetFailingSince(long endpoint, long since) => _setFailingSince.Bind(1, endpoint).Bind(2, since).Run();

    public (byte[] BodyHash, byte[] Answer)? FindClaim(string route, string key, DateTimeOffset now)
    {
        (byte[], byte[])? found = null;
        _findClaim.Bind(1, route).Bind(2, key).Bind(3, StoredTime.From(now))
            .ForEach(row => found = (Column.Bytes(row, 0), Column.Bytes(row, 1)));
        return found;
    }

    public void InsertClaim(IdempotencyClaim claim, ReadOnlySpan<byte> answer, DateTimeOffset expiresAt) => _insertClaim
        .Bind(1, claim.Route)
        .Bind(2, claim.Key)
        .Bind(3, claim.BodyHash.Span)
        .Bind(4, answer)
        .Bind(5, StoredTime.From(expiresAt))
        .Run();

    public void Dispose()
    {
        SqliteStatement[] all =
        [
            _insertEvent, _insertPending, _insertOrdered, _insertBackground, _deletePending, _updatePending, _insertAttempt, _upsertDeadLetter,
            _insertExpiring, _upsertExpired,
            _deleteDeadLetter, _insertEndpoint, _endpointNumber, _findClaim, _insertClaim, _insertBatch,
            _deleteBatch, _setFailingSince,
        ];
        foreach (var statement in all)
        {
            statement.Dispose();
        }
    }
}
