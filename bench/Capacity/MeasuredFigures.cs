namespace Bench.Capacity;

/// <summary>The figures of a plan where none were measured on the own machine. They are those of <c>plan --calibrate --native</c>, and stand in docs/capacity.md.</summary>
internal static class MeasuredFigures
{
    private const string Machine =
        "those of the tree: native code, 2 cores of a virtual machine, X64, .NET 10.0.12, Debian GNU/Linux 12; plan --calibrate measures the own machine";

    private static readonly Calibration Sqlite = new()
    {
        Measured = Machine,
        Store = PlannedStore.Sqlite,
        IdleCores = 0.004,
        ServiceCpu = new([new(250, 104750), new(1000, 339750), new(4000, 666000), new(24346, 1156629)], new(305, 38.1, 2.71, 2.71), 0.25),
        ServerCpu = new([new(250, 0), new(1000, 0), new(4000, 0), new(24346, 0)], new(0, 0, 0, 0), 0.25),
        Written = new([new(250, 7534592), new(1000, 27807744), new(4000, 66783232), new(24346, 89372989)], new(26797, 0, 2275, 0), 0.4444),
        Kept = new(221, 33.91, 1008, 0),
        Megabytes = new(118, 0, 0.955, 0),
        MegabytesPerEndpoint = 0.04622,
        MegabytesOfBacklog = 65.65,
    };

    private static readonly Calibration Postgres = new()
    {
        Measured = Machine,
        Store = PlannedStore.Postgres,
        IdleCores = 0.012,
        ServiceCpu = new([new(250, 121750), new(1000, 426750), new(4000, 660500), new(15880, 770072)], new(419, 20.33, 2.323, 2.323), 0.25),
        ServerCpu = new([new(250, 87500), new(1000, 266250), new(4000, 383750), new(15880, 372296)], new(251, 11, 14.19, 0), 0.25),
        Written = new([new(250, 636433), new(1000, 2533557), new(4000, 9362056), new(15880, 35232222)], new(1333, 651, 2200, 0), 0.25),
        Kept = new(452, 125, 1085, 0),
        Megabytes = new(107, 1.584, 0.5486, 0),
        MegabytesPerEndpoint = 0.0812,
        MegabytesOfBacklog = 70.61,
        TwoReplicas = 1.78,
    };

    public static Calibration Of(PlannedStore store) => store == PlannedStore.Sqlite ? Sqlite : Postgres;
}
