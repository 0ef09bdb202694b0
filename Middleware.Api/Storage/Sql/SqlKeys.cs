using System.Text.Json;
using Middleware.Audit;
using Middleware.Callers;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.Storage.Sql;

/// <summary>The API keys in the store.</summary>
internal sealed class SqlKeys(SqlEventStore store) : IKeyStore, IDisposable
{
    private readonly ReadConnection _reads = new(store.OpenReader);

    // The number of the last change that is known here. Changes come one at a time.
    private long _known;

    public bool HasReplicas => store.HasReplicas;

    public async Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> LoadAsync()
    {
        // The number first: a change that comes between is read again.
        var (number, all) = await store.ChangeAsync(transaction =>
            (HasReplicas ? SharedVersions.Read(transaction.Connection, SharedVersions.Keys) : 0, Load(transaction.Connection)));
        _known = number;
        return all;
    }

    public async Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>?> ReadChangedAsync()
    {
        if (!HasReplicas || await Task.Run(() => _reads.Read(Changed)) is not var (number, all))
        {
            return null;
        }

        _known = number;
        return all;

        (long Number, IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)> All)? Changed(ISqlConnection connection)
        {
            using var snapshot = connection.BeginSnapshot();
            return SharedVersions.Read(connection, SharedVersions.Keys) is var number && number == _known ? null : (number, Load(connection));
        }
    }

    public Task<bool> SaveAsync(ApiKey key, ApiKey? before, Actor by) => ChangeAsync(by, transaction =>
    {
        using var write = transaction.Connection.Prepare("INSERT INTO keys (id, definition, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET definition = ?2");
        write.Bind(1, key.Id).Bind(2, KeyDocument.Write(key)).Bind(3, StoredTime.From(key.CreatedAt)).Run();
        return (true, new AuditedChange(before is null ? "key.created" : "key.rotated", key.Id, before is null ? null : KeyDocument.Show(before), KeyDocument.Show(key)));
    });

    public Task<bool> RemoveAsync(string id, Actor by) => ChangeAsync(by, transaction =>
    {
        using var remove = transaction.Connection.Prepare("DELETE FROM keys WHERE id = ?1");
        remove.Bind(1, id).Run();
        return remove.Changes == 1 ? (true, new AuditedChange("key.revoked", id)) : (false, default(AuditedChange?));
    });

    public Task NoteUsesAsync(IReadOnlyList<(string Id, DateTimeOffset At)> uses) => store.ChangeAsync(transaction =>
    {
        using var note = transaction.Connection.Prepare("UPDATE keys SET last_used_at = ?2 WHERE id = ?1 AND COALESCE(last_used_at, 0) < ?2");
        foreach (var (id, at) in uses)
        {
            note.Bind(1, id).Bind(2, StoredTime.From(at)).Run();
        }

        return true;
    });

    public void Dispose() => _reads.Dispose();

    private async Task<bool> ChangeAsync(Actor by, Func<WriteTransaction, (bool IsDone, AuditedChange? Change)> write)
    {
        var isDone = await store.ChangeAsync(by, transaction =>
        {
            if (HasReplicas && !SharedVersions.IsStill(transaction, SharedVersions.Keys, _known))
            {
                return (false, default(AuditedChange?));
            }

            var (isChanged, change) = write(transaction);
            if (isChanged && HasReplicas)
            {
                SharedVersions.Advance(transaction, SharedVersions.Keys);
            }

            return (isChanged, change);
        });
        if (isDone && HasReplicas)
        {
            _known++;
            store.NoteChange();
        }

        return isDone;
    }

    private List<(ApiKey Key, DateTimeOffset? LastUsedAt)> Load(ISqlConnection connection)
    {
        var found = new List<(ApiKey Key, DateTimeOffset? LastUsedAt)>();
        using var read = connection.Prepare("SELECT id, definition, last_used_at FROM keys ORDER BY created_at, id");
        read.ForEach(row => found.Add((Read(Column.Text(row, 0), Column.Text(row, 1)), Column.TimeOrNull(row, 2))));
        return found;
    }

    private ApiKey Read(string id, string definition)
    {
        try
        {
            return KeyDocument.Read(id, definition);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new StartRefusedException($"{store.Setting}: the API key {id} cannot be read from the store: {exception.Message}", exception);
        }
    }
}
