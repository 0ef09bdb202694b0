namespace AspireIntegration.Client.Operating;

/// <summary>The counts of the last minutes, of all replicas.</summary>
public sealed record StatsItem
{
    /// <summary>The beginning of the first minute; UTC.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Each minute, oldest first. The last one is under way: of it the counts of other replicas are not there yet.</summary>
    public IReadOnlyList<MinuteItem> Minutes { get => field ?? []; init; }

    /// <summary>The endpoints with something to count, the busiest first; at most 100.</summary>
    public IReadOnlyList<EndpointStatsItem> Endpoints { get => field ?? []; init; }

    /// <summary>False when more endpoints had something: each replica keeps the 100 busiest of a minute.</summary>
    public bool EndpointsAreAll { get; init; }

    /// <summary>Deliveries that wait for endpoints, those under way included. Retries of dead letters and replays are not counted.</summary>
    public long Waiting { get; init; }

    /// <summary>The age of the oldest event that waits, in seconds, up to 5 seconds old; 0 when none waits.</summary>
    public long OldestWaitingS { get; init; }
}

/// <summary>The counts of a minute.</summary>
public sealed record MinuteItem
{
    /// <summary>Its beginning; UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Events accepted.</summary>
    public long Accepted { get; init; }

    /// <summary>Deliveries that ended well.</summary>
    public long Delivered { get; init; }

    /// <summary>Attempts without a 2xx answer.</summary>
    public long FailedAttempts { get; init; }

    /// <summary>Deliveries given up, for now or for good.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Deliveries whose deadline came first.</summary>
    public long Expired { get; init; }
}

/// <summary>The counts of an endpoint.</summary>
public sealed record EndpointStatsItem
{
    /// <summary>The endpoint, which may be gone meanwhile.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary>Deliveries that ended well.</summary>
    public long Delivered { get; init; }

    /// <summary>Attempts without a 2xx answer.</summary>
    public long FailedAttempts { get; init; }

    /// <summary>Deliveries given up, for now or for good.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Deliveries whose deadline came first.</summary>
    public long Expired { get; init; }

    /// <summary>The minutes with something to count, oldest first. None when more than 60 minutes of several endpoints are asked for.</summary>
    public IReadOnlyList<EndpointMinuteItem> Minutes { get => field ?? []; init; }
}

/// <summary>The counts of an endpoint in a minute.</summary>
public sealed record EndpointMinuteItem
{
    /// <summary>Its beginning; UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Deliveries that ended well.</summary>
    public long Delivered { get; init; }

    /// <summary>Attempts without a 2xx answer.</summary>
    public long FailedAttempts { get; init; }

    /// <summary>Deliveries given up, for now or for good.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Deliveries whose deadline came first.</summary>
    public long Expired { get; init; }
}
