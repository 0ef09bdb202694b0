using static System.FormattableString;

namespace Bench.Capacity;

/// <summary>A line of the table: a need, and the parts of its formula.</summary>
internal sealed record PlanLine(string Name, string Need, string Parts);

/// <summary>The table of a plan, with the parts of each number.</summary>
internal sealed class PlanLines(PlannedLoad load, Calibration figures, double flushMicroseconds)
{
    private const int DefaultQueue = 1000;
    private const int DefaultAllWorkers = 1000;
    private const int DefaultEndpoints = 10_000;
    private const double SlowFlush = 10_000;

    private readonly CapacityPlan _plan = new(load, figures, flushMicroseconds);

    public IEnumerable<PlanLine> All() => [.. Machines(), .. Disks(), .. Settings()];

    /// <summary>The limits that the load comes near to, or goes past.</summary>
    public IEnumerable<string> Warnings()
    {
        if (load.IsPostgres && _plan.Replicas > CapacityPlan.MostReplicas)
        {
            yield return Invariant($"the load needs more than {CapacityPlan.MostReplicas} replicas of {load.CoresOfMachine} cores: split it among installations");
        }

        if (!load.IsPostgres && _plan.Cores > load.CoresOfMachine)
        {
            yield return Invariant($"the load needs {_plan.Cores} cores and a machine has {load.CoresOfMachine}: SQLite has one machine; see --store postgres, or give --cores");
        }

        if (load.Endpoints * CapacityPlan.StreamsOfEndpoint > CapacityPlan.MostStreams)
        {
            yield return Invariant($"{load.Endpoints} endpoints have {load.Endpoints * CapacityPlan.StreamsOfEndpoint} streams of metrics, and {CapacityPlan.MostStreams} are measured: later series are missing");
        }

        if (load.QueueSize is not null && load.QueueSize < _plan.QueueSize)
        {
            yield return Invariant($"a queue of {load.QueueSize} is full {_plan.UntilFull.TotalSeconds:0} s after its receiver went away; events that match no other endpoint are then refused");
        }

        if (flushMicroseconds > SlowFlush)
        {
            yield return Invariant($"a flush of {flushMicroseconds / 1000:0.0} ms is slow: each answer waits for up to two");
        }

        if (load.EventsPerSecond > figures.ServiceCpu.Points[^1].EventsPerSecond)
        {
            yield return Invariant($"measured up to {figures.ServiceCpu.Points[^1].EventsPerSecond:0} events/s: at more an event costs less CPU and writes less than this says");
        }
    }

    private IEnumerable<PlanLine> Machines()
    {
        yield return new("CPU of the service", Invariant($"{_plan.ServiceCores:0.00} cores"), Invariant(
            $"{figures.IdleCores:0.000} idle × {_plan.Replicas} + ({Parts(figures.ServiceCpu, load.Kibibytes, "µs")}){Factor}"));
        if (load.IsPostgres)
        {
            yield return new("CPU of the server", Invariant($"{_plan.ServerCores:0.00} cores"), Invariant($"({Parts(figures.ServerCpu, load.Kibibytes, "µs")}){Factor}"));
            yield return new("replicas", Invariant($"{_plan.Replicas}"), Invariant($"as many as need at most {load.CoresOfMachine} cores each, and one that may be away"));
        }

        yield return new(load.IsPostgres ? "cores of a replica" : "cores", Invariant($"{_plan.Cores}"), Invariant(
            $"{_plan.ServiceCores:0.00} / {CapacityPlan.BusyCores} busy{(load.IsPostgres ? Invariant($" / {_plan.Replicas - 1} replicas") : "")}, rounded up"));
        if (load.IsPostgres)
        {
            yield return new("cores of the server", Invariant($"{_plan.CoresOfServer}"), Invariant($"{_plan.ServerCores:0.00} / {CapacityPlan.BusyCores} busy, rounded up"));
        }

        yield return new(load.IsPostgres ? "memory of a replica" : "memory", Invariant($"{_plan.Megabytes * CapacityPlan.MemoryReserve:0} MB"), Invariant(
            $"({_plan.MegabytesOfService:0} service + {load.Endpoints} endpoints × {figures.MegabytesPerEndpoint:0.000} + {_plan.MegabytesOfWaiting:0} waiting) × {CapacityPlan.MemoryReserve}"));
    }

    private IEnumerable<PlanLine> Disks()
    {
        var stored = Calibration.StoredKibibytes(load.Store, load.EventBytes);
        yield return new("bytes kept for an event", Invariant($"{_plan.BytesOfEvent:0}"), Parts(figures.Kept, stored));
        yield return new("disk", Invariant($"{_plan.BytesOfDisk / 1e9:0.0} GB"), Invariant(
            $"({load.EventsPerSecond:0} events/s × {_plan.Kept.TotalSeconds:0} s × {_plan.BytesOfEvent:0} + {_plan.Waiting:0} waiting × {CapacityPlan.PendingBytes:0} + {_plan.BytesOfLog / 1e9:0.00} GB log) / {CapacityPlan.FullDisk} full"));
        yield return new("written", Invariant($"{_plan.BytesWritten / 1e6:0.0} MB/s"), Invariant($"{Parts(figures.Written, stored, "bytes")}"));
        yield return new("flush of this disk", Invariant($"{flushMicroseconds:0} µs"), Invariant($"measured now; {_plan.EventsOfFlush:0.00} events come during one"));
        yield return new("flushes at most", Invariant($"{_plan.Flushes:0} /s"), Invariant($"one for each event and each group of outcomes, but not more than {1e6 / flushMicroseconds:0} of this disk"));
    }

    private IEnumerable<PlanLine> Settings()
    {
        yield return new("QUEUE_SIZE", Invariant($"{load.QueueSize ?? Math.Max(DefaultQueue, _plan.QueueSize):0}"), Invariant(
            $"{load.DeliveriesPerSecondOfEndpoint:0.###} events/s of an endpoint × {load.Outage.TotalSeconds:0} s / {CapacityPlan.OfQueue}; {DefaultQueue} by default"));
        yield return new("WORKER_COUNT", Invariant($"{_plan.Workers:0}"), Invariant(
            $"2 × {load.DeliveriesPerSecondOfEndpoint:0.###} events/s of an endpoint × {load.ReceiverTime.TotalSeconds:0.###} s, and at least the default of {CapacityPlan.DefaultWorkers}"));
        yield return new("MAX_WORKERS", Invariant($"{Math.Max(DefaultAllWorkers, _plan.AllWorkers):0}"), Invariant($"{_plan.Workers:0} workers × {load.Endpoints} endpoints; {DefaultAllWorkers} by default"));
        yield return new("MAX_ENDPOINTS", Invariant($"{Math.Max(DefaultEndpoints, load.Endpoints)}"), Invariant($"{load.Endpoints} endpoints; {DefaultEndpoints} by default"));
        yield return new("after an outage", Invariant($"{_plan.CatchUp.TotalMinutes:0.0} min"), Invariant(
            $"until the {_plan.Waiting:0} that waited are delivered, by all workers and cores"));
        if (load.IsPostgres)
        {
            yield return new("max_connections", Invariant($"{_plan.Connections}"), Invariant(
                $"{_plan.Replicas} replicas × {CapacityPlan.ConnectionsOfReplica} + {CapacityPlan.ConnectionsBeside} for people and backups"));
        }
    }

    private string Factor => load.IsPostgres ? Invariant($" × {_plan.CostOfReplicas(_plan.Replicas):0.00} for {_plan.Replicas} replicas") : "";

    private string Parts(RatedCost cost, double kibibytes, string unit) => Invariant(
        $"{cost.OfSimplest(load.EventsPerSecond):0} {unit} at this rate + {load.EventsPerSecond:0} events/s × ({load.Matching - 1} endpoints more × {cost.Cost.PerDelivery:0.0} + {kibibytes - cost.Kibibytes:0.00} KiB more × {cost.Cost.PerKibibyte:0.0} + {(kibibytes * load.Matching) - cost.Kibibytes:0.00} KiB delivered more × {cost.Cost.PerDeliveredKibibyte:0.0})");

    private string Parts(EventCost cost, double kibibytes) => Invariant($"{cost.Fixed:0.0} + {load.Matching} endpoints × {cost.PerDelivery:0.0} + {kibibytes:0.00} KiB × {cost.PerKibibyte:0.0}");
}
