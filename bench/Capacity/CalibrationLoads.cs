namespace Bench.Capacity;

/// <summary>The uses of the loads of a calibration, and the figures that they give.</summary>
internal sealed record CalibrationLoads
{
    public const int SmallBytes = 256;
    public const int LargeBytes = 8192;
    public const int Several = 4;

    public required PlannedStore Store { get; init; }

    public required double IdleCores { get; init; }

    /// <summary>Small events to one endpoint at several rates, one of them without a limit.</summary>
    public required IReadOnlyList<MeasuredUse> Rates { get; init; }

    /// <summary>Three loads at the same rate, where a delivery wakes a thread of its own. Disk and memory are those of this steady load.</summary>
    public required ThreeLoads AtRate { get; init; }

    /// <summary>Three loads without a limit, where the CPU is that of the work. At lower rates the noise of waking threads may hide it: of both the higher cost counts.</summary>
    public required ThreeLoads WithoutLimit { get; init; }

    /// <summary>Endpoints with small events of their own, and the peak megabytes with them.</summary>
    public required (int Endpoints, double Megabytes) OfMany { get; init; }

    /// <summary>Peak megabytes while large events wait, with all windows full.</summary>
    public required double MegabytesOfBacklog { get; init; }

    /// <summary>CPU for an event of two replicas and their server, of that of one.</summary>
    public double TwoReplicas { get; init; } = 1;

    /// <param name="measured">The machine, the code and the day.</param>
    public Calibration Figures(string measured) => new()
    {
        Measured = measured,
        Store = Store,
        IdleCores = IdleCores,
        ServiceCpu = Rated(Kibibytes, static use => use.ServiceMicroseconds, [AtRate, WithoutLimit], ofIdle: IdleCores * 1e6, isDelivered: true),
        ServerCpu = Rated(Kibibytes, static use => use.ServerMicroseconds, [AtRate, WithoutLimit]),
        Written = Rated(Stored, static use => use.WrittenBytes, [AtRate]),
        Kept = CostOf(Stored, static use => use.KeptBytes, AtRate),
        Megabytes = CostOf(Kibibytes, static use => use.PeakMegabytes, AtRate),
        MegabytesPerEndpoint = Math.Max(0, OfMany.Megabytes - AtRate.One.PeakMegabytes) / OfMany.Endpoints,
        MegabytesOfBacklog = Math.Max(0, MegabytesOfBacklog - AtRate.Large.PeakMegabytes),
        TwoReplicas = TwoReplicas,
    };

    private RatedCost Rated(Func<int, double> kibibytes, Func<MeasuredUse, double> cost, ThreeLoads[] loads, double ofIdle = 0, bool isDelivered = false) => new(
        [.. Rates.OrderBy(static use => use.EventsPerSecond).Select(use => new RatePoint(use.EventsPerSecond, Math.Max(0, (use.EventsPerSecond * cost(use)) - ofIdle)))],
        loads.Select(three => CostOf(kibibytes, cost, three, isDelivered)).Aggregate(static (one, other) => one.OrHigher(other)),
        kibibytes(SmallBytes));

    private static EventCost CostOf(Func<int, double> kibibytes, Func<MeasuredUse, double> cost, ThreeLoads loads, bool isDelivered = false) =>
        EventCost.Through(kibibytes(SmallBytes), cost(loads.One), kibibytes(LargeBytes), cost(loads.Large), Several, cost(loads.Several), isDelivered);

    private double Stored(int bytes) => Calibration.StoredKibibytes(Store, bytes);

    private static double Kibibytes(int bytes) => bytes / 1024.0;
}

/// <summary>Three loads that differ in one thing each.</summary>
/// <param name="One">Small events to one endpoint.</param>
/// <param name="Several">Small events, each to several endpoints.</param>
/// <param name="Large">Large events to one endpoint.</param>
internal sealed record ThreeLoads(MeasuredUse One, MeasuredUse Several, MeasuredUse Large);
