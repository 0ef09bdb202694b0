using System.Text;
using Middleware.Audit;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>The registered endpoints in the store.</summary>
internal sealed class SqlEndpoints(SqlEventStore store) : IEndpointStore, IDisposable
{
    private readonly ReadConnection _reads = new(store.OpenReader);

    // The number of the last change that is known here. Changes come one at a time.
    private long _known;
    private volatile bool _mayClear = true;
    private ClearingCursor _clearing;

    public bool HasReplicas => store.HasReplicas;

    public int Clearing => store.Clearing;

    public DateTimeOffset? FailingSince(EndpointId endpoint) => store.FailingSince(endpoint);

    public async Task<DateTimeOffset?> ReadFailingSinceAsync(EndpointId endpoint)
    {
        if (HasReplicas)
        {
            await store.ChangeAsync(transaction => transaction.ReadFailingSince(endpoint));
        }

        return FailingSince(endpoint);
    }

    public async Task<IReadOnlyList<RegisteredEndpoint>> LoadAsync()
    {
        // The number first: a change that comes between is read again.
        var (number, all) = await store.ChangeAsync(transaction =>
            (HasReplicas ? SharedVersions.Read(transaction.Connection, SharedVersions.Endpoints) : 0, RegistrationRows.ReadAll(transaction.Connection, store.Keys, store.Setting)));
        _known = number;
        return all;
    }

    public async Task<EndpointChanges?> ReadChangesAsync(Func<IReadOnlyCollection<RegisteredEndpoint>> known)
    {
        if (!HasReplicas || await Task.Run(() => _reads.Read(Changes)) is not var (number, changes))
        {
            return null;
        }

        await store.ChangeAsync(transaction => RegistrationRows.TakeOver(transaction, changes));
        foreach (var removed in changes.Removed)
        {
            // What was accepted here before this was known.
            while (await store.ChangeAsync(transaction => DeletedEndpoints.GiveUp(transaction, transaction.EndpointNumber(removed), ClearDeleted.AtOnce)) == ClearDeleted.AtOnce)
            {
            }
        }

        _known = number;
        return changes;

        (long Number, EndpointChanges Changes)? Changes(ISqlConnection connection)
        {
            using var snapshot = connection.BeginSnapshot();
            return SharedVersions.Read(connection, SharedVersions.Endpoints) is var number && number == _known
                ? null
                : (number, RegistrationRows.ReadChanges(connection, store.Keys, known()));
        }
    }

    public Task<bool> TryBeginAsync(long generation) => HasReplicas
        ? store.ChangeAsync(isAudited: true, transaction => SharedVersions.TryRaise(transaction, generation))
        : Task.FromResult(true);

    public async Task<bool> SaveAsync(RegisteredEndpoint endpoint, WebhookEndpoint? before, Actor by)
    {
        var text = EndpointDocument.Write(endpoint.Endpoint);
        var definition = store.Keys is { } keys ? SealedDefinitions.Write(keys, endpoint.Endpoint.Id, endpoint.Version, text) : Encoding.UTF8.GetBytes(text);
        var change = new AuditedChange(ActionOf(endpoint.Endpoint, before), endpoint.Endpoint.Id.Value, before is null ? null : EndpointDocument.Show(before), EndpointDocument.Show(endpoint.Endpoint));
        var isSaved = await store.ChangeAsync(by, transaction => IsCurrent(transaction) && Advanced(transaction, Save(transaction, endpoint, definition)) ? (true, change) : (false, default(AuditedChange?)));
        NoteIf(isSaved);
        return isSaved;
    }

    public async Task<EndpointRemoval> RemoveAsync(EndpointId id, long version, bool deadLetterWaiting, Actor by)
    {
        var removal = await store.ChangeAsync(by, transaction =>
        {
            var result = IsCurrent(transaction) ? Remove(transaction, id, version, deadLetterWaiting) : EndpointRemoval.VersionDiffers;
            Advanced(transaction, result == EndpointRemoval.Removed);
            return (result, result == EndpointRemoval.Removed ? new AuditedChange("endpoint.deleted", id.Value) : default(AuditedChange?));
        });
        if (removal == EndpointRemoval.Removed)
        {
            _mayClear = true;
        }

        NoteIf(removal == EndpointRemoval.Removed);
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

    public async Task<int> ClearLeftAsync(int limit) =>
        HasReplicas && await Task.Run(() => _reads.Read(static connection => DeletedEndpoints.FindLeft(connection))) is { } endpoint
            ? await store.ChangeAsync(isAudited: true, transaction => DeletedEndpoints.GiveUpLeft(transaction, endpoint, limit))
            : 0;

    public void Dispose() => _reads.Dispose();

    private bool IsCurrent(WriteTransaction transaction) => !HasReplicas || SharedVersions.IsStill(transaction, SharedVersions.Endpoints, _known);

    private bool Advanced(WriteTransaction transaction, bool isChanged)
    {
        if (isChanged && HasReplicas)
        {
            SharedVersions.Advance(transaction, SharedVersions.Endpoints);
        }

        return isChanged;
    }

    private void NoteIf(bool isChanged)
    {
        if (isChanged && HasReplicas)
        {
            _known++;
            store.NoteChange();
        }
    }

    private static string ActionOf(WebhookEndpoint now, WebhookEndpoint? before) => before is null ? "endpoint.created"
        : now.IsEnabled != before.IsEnabled ? now.IsEnabled ? "endpoint.enabled" : "endpoint.disabled"
        : now.Secrets?.Current != before.Secrets?.Current ? "endpoint.secret_rotated"
        : "endpoint.changed";

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
