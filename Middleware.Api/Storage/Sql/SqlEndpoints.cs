using System.Text;
using System.Text.Json;
using Middleware.Audit;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.AtRest;
using ServiceDefaults;

namespace Middleware.Storage.Sql;

/// <summary>The registered endpoints in the store's file.</summary>
internal sealed class SqlEndpoints(SqlEventStore store) : IEndpointStore
{
    private volatile bool _mayClear = true;
    private ClearingCursor _clearing;

    public int Clearing => store.Clearing;

    public DateTimeOffset? FailingSince(EndpointId endpoint) => store.FailingSince(endpoint);

    public Task<IReadOnlyList<RegisteredEndpoint>> LoadAsync() =>
        store.ChangeAsync<IReadOnlyList<RegisteredEndpoint>>(transaction => Load(transaction, store.Keys));

    public Task<bool> SaveAsync(RegisteredEndpoint endpoint, WebhookEndpoint? before, Actor by)
    {
        var text = EndpointDocument.Write(endpoint.Endpoint);
        var definition = store.Keys is { } keys ? SealedDefinitions.Write(keys, endpoint.Endpoint.Id, endpoint.Version, text) : Encoding.UTF8.GetBytes(text);
        var change = new AuditedChange(ActionOf(endpoint.Endpoint, before), endpoint.Endpoint.Id.Value, before is null ? null : EndpointDocument.Show(before), EndpointDocument.Show(endpoint.Endpoint));
        return store.ChangeAsync(by, transaction => Save(transaction, endpoint, definition) ? (true, change) : (false, default(AuditedChange?)));
    }

    public async Task<EndpointRemoval> RemoveAsync(EndpointId id, long version, bool deadLetterWaiting, Actor by)
    {
        var removal = await store.ChangeAsync(by, transaction =>
        {
            var result = Remove(transaction, id, version, deadLetterWaiting);
            return (result, result == EndpointRemoval.Removed ? new AuditedChange("endpoint.deleted", id.Value) : default(AuditedChange?));
        });
        if (removal == EndpointRemoval.Removed)
        {
            _mayClear = true;
        }

        return removal;
    }

    public async Task<EndpointClearing?> ClearDeletedAsync(int limit)
    {
        if (!_mayClear && store.Streams == 1)
        {
            return null;
        }

        // Noted before it is looked for: a deletion that comes meanwhile is seen now or the next time.
        _mayClear = false;
        var isDone = false;
        try
        {
            if (await store.ChangeAsync(transaction => DeletedEndpoints.Clear(transaction, limit, _clearing)) is not { } step)
            {
                isDone = true;
                return null;
            }

            _clearing = step.At;
            return new EndpointClearing(store.IdOf(step.Endpoint) ?? default, step.GivenUp, step.IsLast);
        }
        finally
        {
            // A failed step is taken again. It never writes false: that would hide a deletion that came meanwhile.
            if (!isDone)
            {
                _mayClear = true;
            }
        }
    }

    private static string ActionOf(WebhookEndpoint now, WebhookEndpoint? before) => before is null ? "endpoint.created"
        : now.IsEnabled != before.IsEnabled ? now.IsEnabled ? "endpoint.enabled" : "endpoint.disabled"
        : now.Secrets?.Current != before.Secrets?.Current ? "endpoint.secret_rotated"
        : "endpoint.changed";

    private static List<RegisteredEndpoint> Load(WriteTransaction transaction, DataKeys? keys)
    {
        var found = new List<RegisteredEndpoint>();
        using var read = transaction.Connection.Prepare(
            """
            SELECT n.id, r.version, r.definition, r.created_at, r.changed_at
            FROM registrations r JOIN endpoints n ON n.no = r.endpoint WHERE r.is_deleted = 0 ORDER BY r.endpoint
            """);
        read.ForEach(row =>
        {
            var id = Column.Endpoint(row, 0);
            found.Add(new RegisteredEndpoint
            {
                Endpoint = Read(id, SealedDefinitions.Read(keys, id, Column.Number(row, 1), row, 2)),
                Version = Column.Number(row, 1),
                CreatedAt = Column.Time(row, 3),
                ChangedAt = Column.Time(row, 4),
            });
        });
        return found;
    }

    private static WebhookEndpoint Read(EndpointId id, string? definition)
    {
        try
        {
            return EndpointDocument.Read(id, definition ?? throw new FormatException("its definition cannot be decrypted"));
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new StartRefusedException($"DATA_DIR: the endpoint {id} cannot be read from the store: {exception.Message}", exception);
        }
    }

    private static bool Save(WriteTransaction transaction, RegisteredEndpoint endpoint, byte[] definition)
    {
        var isNew = endpoint.Version == 1;
        var number = transaction.EndpointNumber(endpoint.Endpoint.Id);
        using var write = transaction.Connection.Prepare(isNew
                ? "INSERT INTO registrations (endpoint, version, definition, changed_at, created_at, is_deleted) VALUES (?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT DO NOTHING"
                : "UPDATE registrations SET version = ?2, definition = ?3, changed_at = ?4 WHERE endpoint = ?1 AND version = ?2 - 1 AND is_deleted = 0");
        write.Bind(1, number).Bind(2, endpoint.Version).Bind(3, definition).Bind(4, StoredTime.From(endpoint.ChangedAt));
        if (isNew)
        {
            write.Bind(5, StoredTime.From(endpoint.CreatedAt));
        }

        write.Run();
        if (write.Changes == 0)
        {
            return false;
        }

        transaction.ForgetFailures(number);
        transaction.OpenEndpoint(number);
        return true;
    }

    private static EndpointRemoval Remove(WriteTransaction transaction, EndpointId id, long version, bool deadLetterWaiting)
    {
        var number = transaction.EndpointNumber(id);
        if (!deadLetterWaiting && DeletedEndpoints.HasPending(transaction, number))
        {
            return EndpointRemoval.HasWaiting;
        }

        using var mark = transaction.Connection.Prepare("UPDATE registrations SET is_deleted = 1 WHERE endpoint = ?1 AND version = ?2 AND is_deleted = 0");
        mark.Bind(1, number).Bind(2, version).Run();
        if (mark.Changes == 0)
        {
            return EndpointRemoval.VersionDiffers;
        }

        transaction.CloseEndpoint(number);
        return EndpointRemoval.Removed;
    }
}
