namespace Bench.Capacity;

/// <summary>
/// The machines, disks and replicas of a load, from figures that were measured. Each number is a sum or a product of such figures and of the load, and
/// its line has the parts.
/// </summary>
/// <param name="load">The load.</param>
/// <param name="figures">The figures of its store.</param>
/// <param name="flushMicroseconds">A flush of the disk.</param>
internal sealed class CapacityPlan(PlannedLoad load, Calibration figures, double flushMicroseconds)
{
    /// <summary>The part of the cores that is planned: the rest is for peaks, and for what waited while receivers were away.</summary>
    public const double BusyCores = 0.5;

    /// <summary>The part of a disk that is planned.</summary>
    public const double FullDisk = 0.8;

    /// <summary>Memory for each megabyte that is used at most.</summary>
    public const double MemoryReserve = 1.5;

    /// <summary>The part of a queue that events of all priorities may fill.</summary>
    public const double OfQueue = 0.9;

    /// <summary>Bytes of a row of <c>pending</c>, its index included.</summary>
    public const double PendingBytes = 100;

    /// <summary>Workers of an endpoint by default.</summary>
    public const int DefaultWorkers = 10;

    /// <summary>Connections of a replica to the database server, and those for people and backups.</summary>
    public const int ConnectionsOfReplica = 26;
    public const int ConnectionsBeside = 10;
    public const int MostReplicas = 64;

    /// <summary>Streams of metrics that are measured, and those of an endpoint that is sent to.</summary>
    public const int MostStreams = 32_768;
    public const int StreamsOfEndpoint = 9;

    private const double Megabyte = 1e6;

    /// <summary>Groups of outcomes in a second at most: an outcome waits up to 5 ms for others.</summary>
    private const double OutcomeGroups = 200;

    /// <summary>The write-ahead log: two times the size from which SQLite begins it anew, or that of the server's default.</summary>
    private const double SqliteLog = 2 * 64 * 1048576;
    private const double PostgresLog = 2 * 1024.0 * 1048576;

    /// <summary>CPU of an event by so many replicas and the server, of that by one. A replica reads each event that another has accepted for it.</summary>
    public double CostOfReplicas(int replicas) => 1 + ((figures.TwoReplicas - 1) * 2 * (replicas - 1) / replicas);

    /// <summary>Cores that all replicas use at the load.</summary>
    public double ServiceCores => ServiceCoresOf(Replicas);

    /// <summary>Cores that the database server uses at the load.</summary>
    public double ServerCores => figures.ServerCpu.Of(load.EventsPerSecond, load.Kibibytes, load.Matching) * CostOfReplicas(Replicas) / 1e6;

    /// <summary>With PostgreSQL one more than the load needs, so that one may be away.</summary>
    public int Replicas
    {
        get
        {
            if (!load.IsPostgres)
            {
                return 1;
            }

            var replicas = 2;
            while (replicas <= MostReplicas && ServiceCoresOf(replicas) / BusyCores > (replicas - 1) * load.CoresOfMachine)
            {
                replicas++;
            }

            return replicas;
        }
    }

    /// <summary>Cores of each replica's machine.</summary>
    public int Cores => WholeCores(ServiceCores / BusyCores / Math.Max(1, Replicas - 1));

    /// <summary>Cores of the database server's machine.</summary>
    public int CoresOfServer => WholeCores(ServerCores / BusyCores);

    /// <summary>Megabytes that a replica uses at most.</summary>
    public double Megabytes => MegabytesOfService + MegabytesOfEndpoints + MegabytesOfWaiting;

    public double MegabytesOfService => figures.Megabytes.Of(load.Kibibytes, load.Matching);

    public double MegabytesOfEndpoints => figures.MegabytesPerEndpoint * load.Endpoints;

    /// <summary>Those of waiting events: windows hold 64 MiB of them and no more, however many there are.</summary>
    public double MegabytesOfWaiting => Math.Min(figures.MegabytesOfBacklog, Waiting * load.EventBytes / Megabyte * figures.MegabytesOfBacklog / WindowMegabytes);

    /// <summary>Deliveries that wait at the end of an outage of all receivers.</summary>
    public double Waiting => load.DeliveriesPerSecond * load.Outage.TotalSeconds;

    /// <summary>The setting <c>QUEUE_SIZE</c> that holds them.</summary>
    public double QueueSize => Math.Ceiling(load.DeliveriesPerSecondOfEndpoint * load.Outage.TotalSeconds / OfQueue);

    /// <summary>The time after which a queue of the given size refuses events.</summary>
    public TimeSpan UntilFull => TimeSpan.FromSeconds(Math.Min(1e9, load.QueueSize.GetValueOrDefault() * OfQueue / load.DeliveriesPerSecondOfEndpoint));

    /// <summary>The time that an event is kept: PostgreSQL drops whole days.</summary>
    public TimeSpan Kept => load.Retention + (load.IsPostgres ? TimeSpan.FromDays(1) : TimeSpan.Zero);

    public double BytesOfEvent => figures.Kept.Of(Calibration.StoredKibibytes(load.Store, load.EventBytes), load.Matching);

    public double BytesKept => load.EventsPerSecond * Kept.TotalSeconds * BytesOfEvent;

    public double BytesOfLog => load.IsPostgres ? PostgresLog : SqliteLog;

    /// <summary>The size of the disk.</summary>
    public double BytesOfDisk => (BytesKept + (Waiting * PendingBytes) + BytesOfLog) / FullDisk;

    /// <summary>Bytes written in a second.</summary>
    public double BytesWritten => figures.Written.Of(load.EventsPerSecond, Calibration.StoredKibibytes(load.Store, load.EventBytes), load.Matching);

    /// <summary>Flushes in a second, if no two events come together.</summary>
    public double Flushes => Math.Min(1e6 / flushMicroseconds, load.EventsPerSecond + Math.Min(load.DeliveriesPerSecond, OutcomeGroups));

    /// <summary>Events that come during a flush, and share the next one.</summary>
    public double EventsOfFlush => load.EventsPerSecond * flushMicroseconds / 1e6;

    /// <summary>The setting <c>WORKER_COUNT</c>: twice what is under way, so that a backlog shrinks.</summary>
    public double Workers => Math.Max(DefaultWorkers, Math.Ceiling(2 * load.DeliveriesPerSecondOfEndpoint * load.ReceiverTime.TotalSeconds));

    /// <summary>Deliveries under way in all, with all workers busy.</summary>
    public double AllWorkers => Workers * load.Endpoints;

    /// <summary>The time until all that waited is delivered, by the workers of an endpoint or by the cores.</summary>
    public TimeSpan CatchUp => TimeSpan.FromSeconds(Math.Max(ByWorkers, ByCores));

    public int Connections => (ConnectionsOfReplica * Replicas) + ConnectionsBeside;

    /// <summary>Megabytes of the bodies that all windows may hold.</summary>
    private static double WindowMegabytes => 64 * 1048576 / Megabyte;

    private double ByWorkers => Waiting / load.Endpoints / ((Workers / load.ReceiverTime.TotalSeconds) - load.DeliveriesPerSecondOfEndpoint);

    private double ByCores => Waiting * figures.ServiceCpu.Cost.OfDelivery(load.Kibibytes) / 1e6 / ((Cores * Math.Max(1, Replicas - 1)) - ServiceCores);

    private double ServiceCoresOf(int replicas) => (figures.IdleCores * replicas) + (figures.ServiceCpu.Of(load.EventsPerSecond, load.Kibibytes, load.Matching) * CostOfReplicas(replicas) / 1e6);

    private static int WholeCores(double cores) => Math.Max(1, (int)Math.Ceiling(cores));
}
