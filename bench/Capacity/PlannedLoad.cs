namespace Bench.Capacity;

/// <summary>The store of a plan.</summary>
internal enum PlannedStore
{
    Sqlite,
    Postgres,
}

/// <summary>The load that a plan is for.</summary>
internal sealed record PlannedLoad
{
    public required double EventsPerSecond { get; init; }

    /// <summary>All endpoints that are registered.</summary>
    public required int Endpoints { get; init; }

    /// <summary>The endpoints that each event matches.</summary>
    public int Matching { get; init; } = 1;

    /// <summary>Bytes of a request's body.</summary>
    public int EventBytes { get; init; } = 1024;

    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The setting <c>QUEUE_SIZE</c>; null for as many as the outage needs.</summary>
    public int? QueueSize { get; init; }

    /// <summary>The time that receivers may be away without an event being refused.</summary>
    public TimeSpan Outage { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The time in which a receiver answers.</summary>
    public TimeSpan ReceiverTime { get; init; } = TimeSpan.FromMilliseconds(100);

    public PlannedStore Store { get; init; }

    public bool IsPostgres => Store == PlannedStore.Postgres;

    /// <summary>The most cores of one machine.</summary>
    public int CoresOfMachine { get; init; } = 4;

    public double Kibibytes => EventBytes / 1024.0;

    public double DeliveriesPerSecond => EventsPerSecond * Matching;

    public double DeliveriesPerSecondOfEndpoint => DeliveriesPerSecond / Endpoints;
}
