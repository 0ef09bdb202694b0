namespace Tests.Upgrades;

/// <summary>Replacements under load.</summary>
internal sealed record UpgradePlan
{
    /// <summary>The folder of the program that runs first; null for that of this build.</summary>
    public string? From { get; init; }

    /// <summary>The number of times that all processes are replaced.</summary>
    public int Upgrades { get; init; } = 1;

    /// <summary>The senders, each with one request under way.</summary>
    public int Senders { get; init; } = 8;

    /// <summary>The events that are answered before each replacement, and after the last one.</summary>
    public int EventsBetween { get; init; } = 500;

    /// <summary>The service's setting <c>SHUTDOWN_TIMEOUT</c>.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The program of haproxy that stands before replicas; null for one in this process with the same rules.</summary>
    public string? Haproxy { get; init; }

    /// <summary>True when no delivery is answered from before each SIGTERM to the end of the process.</summary>
    public bool IsHeld { get; init; }
}
