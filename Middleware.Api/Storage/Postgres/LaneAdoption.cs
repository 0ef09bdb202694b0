using Middleware.Storage.Sql;

namespace Middleware.Storage.Postgres;

/// <summary>Takes over what the former owners of lanes have left in the store, before the lanes are served.</summary>
internal static class LaneAdoption
{
    public static void Run(ISqlConnection connection, EndpointRows endpoints) => endpoints.ReadFailing(connection);
}
