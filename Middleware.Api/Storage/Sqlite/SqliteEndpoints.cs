using System.Text.Json;
using Middleware.Domain;
using Middleware.UseCases;
using ServiceDefaults;

namespace Middleware.Storage.Sqlite;

/// <summary>The registered endpoints in the store's file.</summary>
internal sealed class SqliteEndpoints(SqliteEventStore store) : IEndpointStore
{
    public Task<IReadOnlyList<RegisteredEndpoint>> LoadAsync() => store.ChangeAsync(Load);

    public Task<bool> SaveAsync(RegisteredEndpoint endpoint) => store.ChangeAsync(transaction => Save(transaction, endpoint));

    public Task<EndpointRemoval> RemoveAsync(EndpointId id, long version, bool deadLetterWaiting) =>
        store.ChangeAsync(transaction => Remove(transaction, id, version, deadLetterWaiting));

    public Task<bool> ClearDeletedAsync(int limit) => store.ChangeAsync(transaction => DeletedEndpoints.Clear(transaction, limit));

    private static IReadOnlyList<RegisteredEndpoint> Load(WriteTransaction transaction)
    {
        var found = new List<RegisteredEndpoint>();
        using var read = new Statement(
            transaction.Statements.Connection,
            """
            SELECT n.id, r.version, r.definition, r.created_at, r.changed_at
            FROM registrations r JOIN endpoints n ON n.no = r.endpoint WHERE r.is_deleted = 0 ORDER BY r.endpoint
            """);
        read.ForEach(row =>
        {
            var id = Column.Endpoint(row, 0);
            found.Add(new RegisteredEndpoint
            {
                Endpoint = Read(id, Column.Text(row, 2)),
                Version = Column.Number(row, 1),
                CreatedAt = Column.Time(row, 3),
                ChangedAt = Column.Time(row, 4),
            });
        });
        return found;
    }

    private static WebhookEndpoint Read(EndpointId id, string definition)
    {
        try
        {
            return EndpointDocument.Read(id, definition);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new StartRefusedException($"DATA_DIR: the endpoint {id} cannot be read from the store: {exception.Message}", exception);
        }
    }

    private static bool Save(WriteTransaction transaction, RegisteredEndpoint endpoint)
    {
        var isNew = endpoint.Version == 1;
        var number = transaction.EndpointNumber(endpoint.Endpoint.Id);
        using var write = new Statement(
            transaction.Statements.Connection,
            isNew
                ? "INSERT OR IGNORE INTO registrations (endpoint, version, definition, changed_at, created_at, is_deleted) VALUES (?1, ?2, ?3, ?4, ?5, 0)"
                : "UPDATE registrations SET version = ?2, definition = ?3, changed_at = ?4 WHERE endpoint = ?1 AND version = ?2 - 1 AND is_deleted = 0");
        write.Bind(1, number).Bind(2, endpoint.Version).Bind(3, EndpointDocument.Write(endpoint.Endpoint)).Bind(4, StoredTime.From(endpoint.ChangedAt));
        if (isNew)
        {
            write.Bind(5, StoredTime.From(endpoint.CreatedAt));
        }

        write.Run();
        transaction.ForgetFailures(number);
        return write.Changes == 1;
    }

    private static EndpointRemoval Remove(WriteTransaction transaction, EndpointId id, long version, bool deadLetterWaiting)
    {
        var number = transaction.EndpointNumber(id);
        if (!deadLetterWaiting && DeletedEndpoints.HasPending(transaction, number))
        {
            return EndpointRemoval.HasWaiting;
        }

        using var mark = new Statement(
            transaction.Statements.Connection, "UPDATE registrations SET is_deleted = 1 WHERE endpoint = ?1 AND version = ?2 AND is_deleted = 0");
        mark.Bind(1, number).Bind(2, version).Run();
        if (mark.Changes == 0)
        {
            return EndpointRemoval.VersionDiffers;
        }

        DeletedEndpoints.Close(transaction, number);
        return EndpointRemoval.Removed;
    }
}
