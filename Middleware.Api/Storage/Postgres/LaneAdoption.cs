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

    /// <summary>Notes that nothing of replays is under way on these lanes. A replica has as many under way as it has workers.</summary>
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
        using var end = connection.Prepare($"UPDATE {table} SET begun = FALSE WHERE endpoint = ?1 AND seq = ?2 AND begun");
        begun.ForEach(one => end.Bind(1, one.Endpoint).Bind(2, one.Sequence).Run());
    }
}
