using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>The rows of held deliveries, and of the dead letters that block their keys, for the writer: prepared when they are first needed.</summary>
internal sealed class HeldRows(ISqlConnection connection) : IDisposable
{
    private readonly List<SqlStatement> _prepared = [];

    private SqlStatement InsertRow => field ??= Prepare(
        "INSERT INTO held (endpoint, key_hash, seq, priority, replay, tries, due) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING");

    private SqlStatement DeleteRow => field ??= Prepare("DELETE FROM held WHERE endpoint = ?1 AND key_hash = ?2 AND seq = ?3");

    // No worker has it until then: a replay of it may be taken back.
    private SqlStatement UpdateRow => field ??= Prepare(
        $"UPDATE held SET tries = ?4, due = ?5{(connection.HasReplicas ? ", begun = FALSE" : "")} WHERE endpoint = ?1 AND key_hash = ?2 AND seq = ?3");

    private SqlStatement FirstRow => field ??= Prepare("SELECT seq, due FROM held WHERE endpoint = ?1 AND key_hash = ?2 ORDER BY seq LIMIT 1");

    private SqlStatement MakeDue => field ??= Prepare("UPDATE held SET due = ?4 WHERE endpoint = ?1 AND key_hash = ?2 AND seq = ?3");

    private SqlStatement MakeWait => field ??= Prepare("UPDATE held SET due = NULL WHERE endpoint = ?1 AND key_hash = ?2 AND due IS NOT NULL");

    private SqlStatement FirstBlock => field ??= Prepare("SELECT MIN(event) FROM dead_letters WHERE endpoint = ?1 AND blocks = ?2 AND state = 0");

    private SqlStatement MarkDeadLetter => field ??= Prepare("UPDATE dead_letters SET key_hash = ?3, blocks = ?4 WHERE event = ?1 AND endpoint = ?2");

    private SqlStatement KeyOfDeadLetter => field ??= Prepare("SELECT key_hash, blocks FROM dead_letters WHERE event = ?1 AND endpoint = ?2 AND key_hash IS NOT NULL");

    /// <summary>False when the event is held already.</summary>
    public bool Insert(long endpoint, HeldRow row, int? tries, DateTimeOffset? due)
    {
        InsertRow.Bind(1, endpoint).Bind(2, row.Key).Bind(3, row.Event).Bind(4, (long)row.Priority).Bind(5, row.ReplayId).Bind(6, (long?)tries).Bind(7, StoredTime.From(due)).Run();
        return InsertRow.Changes == 1;
    }

    /// <summary>False when it has ended already.</summary>
    public bool Delete(long endpoint, long key, long eventSequence)
    {
        DeleteRow.Bind(1, endpoint).Bind(2, key).Bind(3, eventSequence).Run();
        return DeleteRow.Changes == 1;
    }

    /// <summary>Notes the next attempt; false when it has ended already.</summary>
    public bool Update(long endpoint, long key, long eventSequence, int tries, DateTimeOffset due)
    {
        UpdateRow.Bind(1, endpoint).Bind(2, key).Bind(3, eventSequence).Bind(4, (long?)tries).Bind(5, StoredTime.From(due)).Run();
        return UpdateRow.Changes == 1;
    }

    /// <summary>The event of the oldest delivery that waits, or that the key waits for; null when nothing waits.</summary>
    public long? FirstOf(long endpoint, long key)
    {
        var (held, block) = (FirstRow.Bind(1, endpoint).Bind(2, key).Scalar(), FirstBlock.Bind(1, endpoint).Bind(2, key).Scalar());
        return held < block ? held : block ?? held;
    }

    /// <summary>
    /// Makes the first held delivery of a key due unless a dead letter blocks it. True when nothing of the key waits; null for the one that is due now.
    /// </summary>
    public bool? Settle(long endpoint, long key, DateTimeOffset now)
    {
        (long Event, bool IsDue)? first = null;
        FirstRow.Bind(1, endpoint).Bind(2, key).ForEach(row => first = (Column.Number(row, 0), !Column.IsNull(row, 1)));
        var isBlocked = FirstBlock.Bind(1, endpoint).Bind(2, key).Scalar() is not null;
        if (first is not var (head, isDue))
        {
            return !isBlocked;
        }

        if (isBlocked == isDue)
        {
            _ = isBlocked ? MakeWait.Bind(1, endpoint).Bind(2, key) : MakeDue.Bind(1, endpoint).Bind(2, key).Bind(3, head).Bind(4, StoredTime.From(now));
            (isBlocked ? MakeWait : MakeDue).Run();
            return isBlocked ? false : null;
        }

        return false;
    }

    /// <summary>Notes the key of a dead letter, and whether the next ones of the key wait for it.</summary>
    public void Mark(long endpoint, long eventSequence, long key, bool blocks) =>
        MarkDeadLetter.Bind(1, eventSequence).Bind(2, endpoint).Bind(3, key).Bind(4, blocks ? key : null).Run();

    /// <summary>The key of a dead letter, and whether it blocks it; null for one in no order.</summary>
    public (long Key, bool Blocks)? KeyOf(long endpoint, long eventSequence)
    {
        (long, bool)? found = null;
        KeyOfDeadLetter.Bind(1, eventSequence).Bind(2, endpoint).ForEach(row => found = (Column.Number(row, 0), !Column.IsNull(row, 1)));
        return found;
    }

    public void Dispose() => _prepared.ForEach(static statement => statement.Dispose());

    private SqlStatement Prepare(string sql)
    {
        var statement = connection.Prepare(sql);
        _prepared.Add(statement);
        return statement;
    }
}

/// <summary>A held delivery.</summary>
/// <param name="Key">The hash of its key.</param>
/// <param name="Event">The sequence of its event.</param>
/// <param name="Priority"><see cref="Priority.Ordered"/>, or <see cref="Priority.Background"/> for a retry or a replay.</param>
/// <param name="ReplayId">The replay that asked for it; null for none.</param>
internal readonly record struct HeldRow(long Key, long Event, Priority Priority, string? ReplayId);
