using Bench.Capacity;

namespace Tests.Capacity;

/// <summary>Round figures.</summary>
internal static class Figures
{
    /// <summary>The simplest load has events of 1 KiB, and an event costs as much at every rate.</summary>
    public static Calibration Of(PlannedStore store) => new()
    {
        Measured = "nowhere",
        Store = store,
        IdleCores = 0.01,
        ServiceCpu = new([new(1000, 165_000)], new(100, 50, 10, 5), 1),
        ServerCpu = store == PlannedStore.Postgres ? new([new(1000, 66_000)], new(40, 20, 4, 2), 1) : new([new(1000, 0)], new(0, 0, 0, 0), 1),
        Written = new([new(1000, 23_000_000)], new(20_000, 1000, 1000, 1000), 1),
        Kept = new(300, 60, 1100, 0),
        Megabytes = new(100, 2, 1, 0),
        MegabytesPerEndpoint = 0.05,
        MegabytesOfBacklog = 80,
        TwoReplicas = store == PlannedStore.Postgres ? 1.8 : 1,
    };
}
