using Middleware.Events;
using Middleware.Storage.Sql;

namespace Middleware.Storage.Postgres;

/// <summary>True for a delivery of some lanes, by its endpoint, key and event.</summary>
internal delegate bool IsOfLane(EndpointId endpoint, long? key, long eventSequence);

/// <summary>Takes over what the former owners of lanes have left in the store, before the lanes are served.</summary>
internal static class LaneAdoption
{
    public static void Run(ISqlConnection connection, EndpointRows endpoints, IsOfLane isGained)
    {
        endpoints.ReadFailing(connection);
        EndBegun(connection, isGained, "pending", "COALESCE(p.event, p.seq)");
        EndBegun(connection, isGained, "held", "p.seq");
    }

    /// <summary>Notes that nothing of replays is under way on these lanes.</summary>
    private static void EndBegun(ISqlConnection connection, IsOfLane isGained, string table, string eventSequence)
    {
        var begun = new List<(long Endpoint, long Sequence)>();
        using var find = connection.Prepare($"SELECT p.endpoint, p.seq, n.id, p.key_hash, {eventSequence} FROM {table} p JOIN endpoints n ON n.no = p.endpoint WHERE p.begun");
        find.ForEach(row =>
        {
            if (isGained(Column.Endpoint(row, 2), Column.IsNull(row, 3) ? null : Column.Number(row, 3), Column.Number(row, 4)))
            {
                begun.Add((Column.Number(row, 0), Column.Number(row, 1)));
            }
        });
        if (begun.Count == 0)
        {
            return;
        }

        using var end = connection.Prepare($"""
            UPDATE {table} p SET begun = FALSE FROM unnest(string_to_array(?1, ',')::bigint[], string_to_array(?2, ',')::bigint[]) AS gained (endpoint, seq)
            WHERE p.endpoint = gained.endpoint AND p.seq = gained.seq AND p.begun
            """);
        end.Bind(1, string.Join(',', begun.Select(static one => one.Endpoint))).Bind(2, string.Join(',', begun.Select(static one => one.Sequence))).Run();
    }
}
