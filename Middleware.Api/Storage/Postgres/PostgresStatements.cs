using Middleware.Accepting;
using Middleware.Events;
using Middleware.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The writer's changes for each event, gathered and sent as one batch: a round trip for each row would cost more than all of them. Other statements of the
/// transaction see what was gathered before, because it is sent before them.
/// </summary>
internal sealed class PostgresStatements(PostgresSql connection, string replica) : IWriteStatements
{
    private readonly Rows _events = new(
        """
        INSERT INTO events (seq, id, correlation_id, source, event_type, priority, accepted_at, endpoints, trace_parent, payload, claim, expires_at)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        NpgsqlDbType.Bigint, NpgsqlDbType.Bytea, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Smallint, NpgsqlDbType.Bigint,
        NpgsqlDbType.Integer, NpgsqlDbType.Text, NpgsqlDbType.Bytea, NpgsqlDbType.Text, NpgsqlDbType.Bigint);

    private readonly Rows _expiring = new("INSERT INTO expiring (expires_at, event) SELECT * FROM unnest($1, $2)", NpgsqlDbType.Bigint, NpgsqlDbType.Bigint);

    private readonly Rows _pending = new(
        "INSERT INTO pending (endpoint, priority, seq, event, replay, key_hash) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
        NpgsqlDbType.Bigint, NpgsqlDbType.Smallint, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Bigint);

    // An attempt that is there already is the same one, of a transaction whose commit was not known to be done.
    private readonly Rows _attempts = new(
        """
        INSERT INTO attempts (seq, endpoint, number, started_at, duration, status, reason, error, response, batch, sealed, replica)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (seq, endpoint, number) DO NOTHING
        """,
        NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Integer, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Integer, NpgsqlDbType.Text,
        NpgsqlDbType.Text, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea, NpgsqlDbType.Text);

    private readonly Rows _deadLetters = new(
        """
        INSERT INTO dead_letters AS d (event, endpoint, state, reason, failures, first_dead_at, dead_at, next_retry_at)
        SELECT event, endpoint, 0, reason, 1, dead_at, dead_at, next FROM unnest($1, $2, $3, $4, $5) AS dead (event, endpoint, reason, dead_at, next)
        ON CONFLICT (event, endpoint) DO UPDATE SET state = 0, reason = excluded.reason, failures = d.failures + 1, dead_at = excluded.dead_at,
            next_retry_at = excluded.next_retry_at, discarded_by = NULL, discarded_at = NULL, fallback = NULL
        """,
        NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint);

    private readonly Rows _expired = new(
        $"""
        INSERT INTO dead_letters (event, endpoint, state, reason, failures, first_dead_at, dead_at)
        SELECT event, endpoint, 5, '{FailureReason.Expired}', 0, at, at FROM unnest($1, $2, $3) AS expired (event, endpoint, at)
        ON CONFLICT (event, endpoint) DO UPDATE SET state = 5, reason = excluded.reason, dead_at = excluded.dead_at,
            next_retry_at = NULL, discarded_by = NULL, discarded_at = NULL, fallback = NULL
        """,
        NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint);

    private readonly Rows _mended = new(
        "DELETE FROM dead_letters d USING unnest($1, $2) AS mended (event, endpoint) WHERE d.event = mended.event AND d.endpoint = mended.endpoint",
        NpgsqlDbType.Bigint, NpgsqlDbType.Bigint);

    private readonly Rows _batches = new(
        "INSERT INTO batches (endpoint, id, deliveries) SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING",
        NpgsqlDbType.Bigint, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea);

    private readonly Rows _endedBatches = new(
        "DELETE FROM batches b USING unnest($1, $2) AS ended (endpoint, id) WHERE b.endpoint = ended.endpoint AND b.id = ended.id",
        NpgsqlDbType.Bigint, NpgsqlDbType.Bytea);

    private readonly Rows _failing = new(
        "UPDATE endpoints e SET failing_since = NULLIF(f.since, 0) FROM unnest($1, $2) AS f (no, since) WHERE e.no = f.no AND (e.failing_since IS NULL) = (f.since > 0)",
        NpgsqlDbType.Bigint, NpgsqlDbType.Bigint);

    private readonly PostgresClaims _claims = new(connection);
    private readonly OwedDeliveries _owed = new(connection);
    private readonly HashSet<(long Event, long Endpoint)> _touched = [];

    // The endpoints of which is gathered that they fail, or that they do not.
    private readonly Dictionary<long, bool> _noted = [];
    private int _rowsWritten;

    public int RowsWritten => _rowsWritten;

    /// <summary>True when something is gathered that is not sent.</summary>
    public bool HasRows => Gathered.Any(static rows => rows.Count > 0);

    private IEnumerable<Rows> Gathered => [_events, _expiring, _pending, _attempts, _deadLetters, _expired, _mended, _batches, _endedBatches, _failing, _claims.Kept, _claims.Given];

    /// <summary>Begins a transaction: decides the idempotency keys of its requests, and which deliveries of its outcomes are owed.</summary>
    public void Begin(WriteGroup group, EndpointRows endpoints, IReadOnlySet<int> slots, DateTimeOffset now)
    {
        Forget();
        _claims.Take(group.Accepts, now);
        _owed.Take(group.Outcomes, endpoints, slots);
    }

    /// <summary>Forgets what was gathered for a transaction that failed.</summary>
    public void Forget()
    {
        foreach (var rows in Gathered)
        {
            rows.Clear();
        }

        _touched.Clear();
        _noted.Clear();
        _claims.Forget();
        _owed.Forget();
    }

    /// <summary>The commands for what was gathered. It is sent once.</summary>
    public List<NpgsqlBatchCommand> TakeCommands(bool isLast)
    {
        if (isLast)
        {
            _claims.GiveBackUnused();
        }

        var commands = new List<NpgsqlBatchCommand>();
        foreach (var rows in Gathered)
        {
            if (rows.Count > 0)
            {
                _rowsWritten += rows.Count;
                commands.Add(rows.ToCommand());
                rows.Clear();
            }
        }

        _touched.Clear();
        _noted.Clear();
        return commands;
    }

    public void InsertEvent(long sequence, IntegrationEvent accepted, ReadOnlyMemory<byte> payload, int endpoints, string? claim)
    {
        var expiresAt = StoredTime.From(accepted.ExpiresAt);
        _events.Add(
            sequence, accepted.Id.ToByteArray(bigEndian: true), accepted.CorrelationId, accepted.Source, accepted.EventType, (short)accepted.Priority,
            StoredTime.From(accepted.AcceptedAt), endpoints, accepted.TraceParent, Bytes(payload), claim, expiresAt);
        if (expiresAt is not null && endpoints > 0)
        {
            _expiring.Add(expiresAt, sequence);
        }
    }

    public void InsertPending(long endpoint, Priority priority, long sequence) => _pending.Add(endpoint, (short)priority, sequence, null, null, null);

    public void InsertOrdered(long endpoint, long sequence, long key) => _pending.Add(endpoint, (short)Priority.Ordered, sequence, null, null, key);

    public void InsertBackground(long endpoint, long sequence, long eventSequence, string? replay) =>
        _pending.Add(endpoint, (short)Priority.Background, sequence, eventSequence, replay, null);

    public bool DeletePending(long endpoint, Priority priority, long sequence)
    {
        if (_owed.TryEnd((endpoint, priority, sequence)) is { } known)
        {
            return known;
        }

        using var delete = connection.Prepare("DELETE FROM pending WHERE endpoint = ?1 AND priority = ?2 AND seq = ?3");
        delete.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, sequence).Run();
        _rowsWritten += delete.Changes;
        return delete.Changes == 1;
    }

    public bool UpdatePending(long endpoint, Priority priority, long sequence, DeliveryOutcome outcome)
    {
        if (_owed.IsOwed((endpoint, priority, sequence)) is { } known)
        {
            return known;
        }

        using var update = connection.Prepare("UPDATE pending SET tries = ?4, not_before = ?5 WHERE endpoint = ?1 AND priority = ?2 AND seq = ?3");
        update.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, sequence).Bind(4, outcome.Tries).Bind(5, StoredTime.From(outcome.NextTryAt)).Run();
        _rowsWritten += update.Changes;
        return update.Changes == 1;
    }

    public bool HasOutcome(long endpoint, long eventSequence) => _owed.HasOutcome(endpoint, eventSequence);

    public void InsertAttempt(long eventSequence, long endpoint, int number, Attempt attempt, byte[]? sealedResponse) => _attempts.Add(
        eventSequence, endpoint, number, StoredTime.From(attempt.StartedAt), (long)attempt.Duration.TotalMicroseconds, attempt.StatusCode, attempt.Reason, attempt.Error,
        attempt.Response.IsEmpty || sealedResponse is not null ? null : attempt.Response.ToArray(), attempt.BatchId?.ToByteArray(bigEndian: true), sealedResponse, replica);

    public void InsertBatch(long endpoint, Guid id, ReadOnlySpan<byte> deliveries) =>
        _batches.Add(endpoint, id.ToByteArray(bigEndian: true), deliveries.ToArray());

    public void DeleteBatch(long endpoint, Guid id) => _endedBatches.Add(endpoint, id.ToByteArray(bigEndian: true));

    public void UpsertDeadLetter(long eventSequence, long endpoint, string reason, DateTimeOffset deadAt, DateTimeOffset? nextRetryAt)
    {
        Touch(eventSequence, endpoint);
        _deadLetters.Add(eventSequence, endpoint, reason, StoredTime.From(deadAt), StoredTime.From(nextRetryAt));
    }

    public void UpsertExpired(long eventSequence, long endpoint, DateTimeOffset at)
    {
        Touch(eventSequence, endpoint);
        _expired.Add(eventSequence, endpoint, StoredTime.From(at));
    }

    public void DeleteDeadLetter(long eventSequence, long endpoint)
    {
        Touch(eventSequence, endpoint);
        _mended.Add(eventSequence, endpoint);
    }

    public long EndpointNumber(EndpointId id)
    {
        using var insert = connection.Prepare("INSERT INTO endpoints (id) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM endpoints WHERE id = ?1) ON CONFLICT DO NOTHING");
        insert.Bind(1, id.Value).Run();
        using var find = connection.Prepare("SELECT no FROM endpoints WHERE id = ?1");
        return find.Bind(1, id.Value).Scalar()!.Value;
    }

    public void SetFailingSince(long endpoint, long since)
    {
        using var update = connection.Prepare("UPDATE endpoints SET failing_since = NULLIF(?2, 0) WHERE no = ?1");
        update.Bind(1, endpoint).Bind(2, since).Run();
    }

    public void NoteFailing(long endpoint, long since)
    {
        if (_noted.TryGetValue(endpoint, out var fails))
        {
            if (fails == (since > 0))
            {
                return;
            }

            // A command changes no row twice.
            connection.Begin();
        }

        _noted[endpoint] = since > 0;
        _failing.Add(endpoint, since);
    }

    public (byte[] BodyHash, byte[] Answer)? FindClaim(string route, string key, DateTimeOffset now) => _claims.Find(route, key);

    public void InsertClaim(IdempotencyClaim claim, ReadOnlySpan<byte> answer, DateTimeOffset expiresAt) => _claims.Keep(claim, answer.ToArray(), expiresAt);

    public void Dispose() => Forget();

    /// <summary>A command changes no row twice: the second change of a dead letter is sent after the first.</summary>
    private void Touch(long eventSequence, long endpoint)
    {
        if (!_touched.Add((eventSequence, endpoint)))
        {
            connection.Begin();
            _touched.Add((eventSequence, endpoint));
        }
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> payload) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(payload, out var segment) && segment.Array is { } array && segment.Count == array.Length ? array : payload.ToArray();
}
