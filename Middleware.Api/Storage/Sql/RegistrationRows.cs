using System.Text.Json;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.AtRest;
using ServiceDefaults;

namespace Middleware.Storage.Sql;

/// <summary>Reads the registered endpoints: all of them, or those that another replica changed.</summary>
internal static class RegistrationRows
{
    private const string Select =
        "SELECT n.id, r.version, r.definition, r.created_at, r.changed_at FROM registrations r JOIN endpoints n ON n.no = r.endpoint WHERE r.is_deleted = 0";

    /// <summary>All endpoints, oldest first. Throws a <see cref="StartRefusedException"/> for one that cannot be read.</summary>
    public static IReadOnlyList<RegisteredEndpoint> ReadAll(ISqlConnection connection, DataKeys? keys, string setting)
    {
        var found = new List<RegisteredEndpoint>();
        using var read = connection.Prepare($"{Select} ORDER BY r.endpoint");
        read.ForEach(row =>
        {
            try
            {
                found.Add(Read(row, keys));
            }
            catch (Exception exception) when (exception is JsonException or FormatException)
            {
                throw new StartRefusedException($"{setting}: the endpoint {Column.Endpoint(row, 0)} cannot be read from the store: {exception.Message}", exception);
            }
        });
        return found;
    }

    /// <summary>The differences to the endpoints that are known. Called in a snapshot.</summary>
    public static EndpointChanges ReadChanges(ISqlConnection connection, DataKeys? keys, IReadOnlyCollection<RegisteredEndpoint> known)
    {
        var before = known.ToDictionary(static one => one.Endpoint.Id, static one => (one.Version, StoredTime.From(one.CreatedAt)));
        var (changed, set, unreadable) = (new List<long>(), new List<RegisteredEndpoint>(), new List<(EndpointId Id, string Fault)>());
        using var list = connection.Prepare(
            "SELECT n.id, r.version, r.created_at, r.endpoint FROM registrations r JOIN endpoints n ON n.no = r.endpoint WHERE r.is_deleted = 0 ORDER BY r.endpoint");
        list.ForEach(row =>
        {
            // An id that was deleted and registered anew begins with version 1 again.
            if (!before.Remove(Column.Endpoint(row, 0), out var version) || version != (Column.Number(row, 1), Column.Number(row, 2)))
            {
                changed.Add(Column.Number(row, 3));
            }
        });

        using var read = connection.Prepare($"{Select} AND r.endpoint = ?1");
        foreach (var number in changed)
        {
            read.Bind(1, number).ForEach(row =>
            {
                try
                {
                    set.Add(Read(row, keys));
                }
                catch (Exception exception) when (exception is JsonException or FormatException)
                {
                    unreadable.Add((Column.Endpoint(row, 0), exception.Message));
                }
            });
        }

        return new EndpointChanges(set, [.. before.Keys], unreadable);
    }

    /// <summary>Has the writer follow the changes of another replica: failures before a change count no more, and nothing becomes pending for those that are gone.</summary>
    public static bool TakeOver(WriteTransaction transaction, EndpointChanges changes)
    {
        foreach (var endpoint in changes.Set)
        {
            var number = transaction.EndpointNumber(endpoint.Endpoint.Id);
            transaction.ForgetFailuresHere(number);
            transaction.OpenEndpoint(number);
        }

        foreach (var removed in changes.Removed)
        {
            transaction.CloseEndpoint(transaction.EndpointNumber(removed));
        }

        return true;
    }

    private static RegisteredEndpoint Read(ISqlRow row, DataKeys? keys)
    {
        var id = Column.Endpoint(row, 0);
        var definition = SealedDefinitions.Read(keys, id, Column.Number(row, 1), row, 2) ?? throw new FormatException("its definition cannot be decrypted");
        return new RegisteredEndpoint
        {
            Endpoint = EndpointDocument.Read(id, definition),
            Version = Column.Number(row, 1),
            CreatedAt = Column.Time(row, 3),
            ChangedAt = Column.Time(row, 4),
        };
    }
}
