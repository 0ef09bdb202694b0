namespace Middleware.Endpoints;

/// <summary>The lanes of an endpoint: one, or several shards that replicas share among them, each with a fixed part of its limits.</summary>
/// <param name="Shards">Their number, 1-64.</param>
/// <param name="Number">The changes of it so far: lanes of one number never send beside those of another.</param>
/// <param name="Widest">The most shards that there ever were.</param>
internal readonly record struct LaneLayout(int Shards, int Number, int Widest)
{
    public const int MostShards = 64;

    public static readonly LaneLayout Single = Of(1);

    /// <summary>The layout of a new endpoint.</summary>
    public static LaneLayout Of(int shards) => new(shards, 0, shards);

    /// <summary>The layout after a change to so many shards.</summary>
    public LaneLayout To(int shards) => shards == Shards ? this : new(shards, Number + 1, Math.Max(Widest, shards));

    /// <summary>The shard of a delivery: that of its key, or without one of the event. As <c>Storage/Sql/ShardSql</c> has it.</summary>
    public int ShardOf(long? key, long eventSequence) => Shards == 1 ? 0 : (int)((key is { } hash ? hash & long.MaxValue : (eventSequence >> 22) ^ eventSequence) % Shards);

    /// <summary>The part of a shard in a whole that all of them share; the first ones have one more where it cannot be shared evenly.</summary>
    public int PartOf(int whole, int shard) => (whole / Shards) + (shard < whole % Shards ? 1 : 0);
}
