using Middleware.Delivering;

namespace Middleware.Storage.Sql;

/// <summary>The rows of a shard's lane in SQL. Where there is one writer no endpoint has shards, and nothing is computed.</summary>
internal static class ShardSql
{
    /// <summary>The condition of a row to be of a lane, by the SQL of its key and event. It is what <c>LaneLayout.ShardOf</c> computes.</summary>
    public static string Condition(string key, string eventSequence, int shards, int shard) =>
        $"AND (?{shards} = 1 OR (CASE WHEN {key} IS NULL THEN ({eventSequence} >> 22) # ({eventSequence}) ELSE {key} & {long.MaxValue} END) % ?{shards} = ?{shard})";

    /// <summary>Binds both parameters.</summary>
    public static SqlStatement BindLane(this SqlStatement statement, int shards, int shard, LaneId lane) => statement.Bind(shards, lane.Layout.Shards).Bind(shard, lane.Shard);
}
