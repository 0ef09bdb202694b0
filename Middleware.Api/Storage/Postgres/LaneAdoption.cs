using Middleware.Events;
using Middleware.Storage.Sql;

namespace Middleware.Storage.Postgres;

/// <summary>Takes over what the former owners of lanes have left in the store, before the lanes are served.</summary>
internal static class LaneAdoption
{
    public static void Run(ISqlConnection connection, EndpointRows endpoints, IReadOnlySet<int> slots)
    {
        endpoints.ReadFailing(connection);
        EndBegun(connection, slots, "pending");
        EndBegun(connection, slots, "held");
    }

    /// <summary>Notes that nothing of replays is under way on these lanes.</summary>
    private static void EndBegun(ISqlConnection connection, IReadOnlySet<int> slots, string table)
    {
        var begun = new List<(long Number, EndpointId Id)>();
        using var find = connection.Prepare($"SELECT DISTINCT n.no, n.id FROM {table} p JOIN endpoints n ON n.no = p.endpoint WHERE p.begun");
        find.ForEach(row => begun.Add((Column.Number(row, 0), Column.Endpoint(row, 1))));
        using var end = connection.Prepare($"UPDATE {table} SET begun = FALSE WHERE endpoint = ?1 AND begun");
        foreach (var (number, _) in begun.Where(endpoint => slots.Contains(SlotPlan.SlotOf(endpoint.Id.Value))))
        {
            end.Bind(1, number).Run();
        }
    }
}
