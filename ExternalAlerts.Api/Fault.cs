namespace ExternalAlerts;

/// <summary>A checked fault of requests: at most one of status, hang and drop, after the latency if there is one.</summary>
internal sealed record Fault
{
    public int? Status { get; init; }

    /// <summary>The share of the requests that misbehave, 0 to 1.</summary>
    public double Rate { get; init; } = 1;

    public TimeSpan? Latency { get; init; }

    public bool Hang { get; init; }

    public bool Drop { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The number of requests that misbehave; null for no end.</summary>
    public int? Count { get; init; }

    /// <summary>True when a request that it strikes is answered as any other.</summary>
    public bool IsOfNothing => this is { Status: null, Hang: false, Drop: false, Latency: null };

    public string Name => this switch
    {
        { Hang: true } => "hang",
        { Drop: true } => "drop",
        { Status: not null } => "status",
        _ => "latency",
    };
}
