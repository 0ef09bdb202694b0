using System.Text.Json;
using Middleware.Audit;
using Middleware.Callers;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.Storage.Sql;

/// <summary>The API keys in the store's file.</summary>
internal sealed class SqlKeys(SqlEventStore store) : IKeyStore
{
    public Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> LoadAsync() => store.ChangeAsync(Load);

    public Task SaveAsync(ApiKey key, ApiKey? before, Actor by) => store.ChangeAsync<bool>(by, transaction =>
    {
        using var write = transaction.Connection.Prepare("INSERT INTO keys (id, definition, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET definition = ?2");
        write.Bind(1, key.Id).Bind(2, KeyDocument.Write(key)).Bind(3, StoredTime.From(key.CreatedAt)).Run();
        return (true, new AuditedChange(before is null ? "key.created" : "key.rotated", key.Id, before is null ? null : KeyDocument.Show(before), KeyDocument.Show(key)));
    });

    public Task<bool> RemoveAsync(string id, Actor by) => store.ChangeAsync(by, transaction =>
    {
        using var remove = transaction.Connection.Prepare("DELETE FROM keys WHERE id = ?1");
        remove.Bind(1, id).Run();
        return remove.Changes == 1 ? (true, new AuditedChange("key.revoked", id)) : (false, default(AuditedChange?));
    });

    public Task NoteUsesAsync(IReadOnlyList<(string Id, DateTimeOffset At)> uses) => store.ChangeAsync(transaction =>
    {
        using var note = transaction.Connection.Prepare("UPDATE keys SET last_used_at = ?2 WHERE id = ?1");
        foreach (var (id, at) in uses)
        {
            note.Bind(1, id).Bind(2, StoredTime.From(at)).Run();
        }

        return true;
    });

    private static IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)> Load(WriteTransaction transaction)
    {
        var found = new List<(ApiKey Key, DateTimeOffset? LastUsedAt)>();
        using var read = transaction.Connection.Prepare("SELECT id, definition, last_used_at FROM keys ORDER BY created_at, id");
        read.ForEach(row => found.Add((Read(Column.Text(row, 0), Column.Text(row, 1)), Column.TimeOrNull(row, 2))));
        return found;
    }

    private static ApiKey Read(string id, string definition)
    {
        try
        {
            return KeyDocument.Read(id, definition);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new StartRefusedException($"DATA_DIR: the API key {id} cannot be read from the store: {exception.Message}", exception);
        }
    }
}
