namespace Tests.Upgrades;

/// <summary>An event that was answered with 200, and the time from its first request to that answer.</summary>
internal sealed record PostedEvent(string Id, TimeSpan FirstSent, TimeSpan Answered);

/// <summary>The reason for which a request was not answered with 200.</summary>
internal enum PostFault
{
    /// <summary>Nothing listened: the request was not sent.</summary>
    Refused,

    /// <summary>The connection ended before an answer.</summary>
    Broken,

    /// <summary>An answer with 503.</summary>
    Unavailable,

    /// <summary>Another answer, or none within the time of a client.</summary>
    Other,
}

/// <summary>A request that was not answered with 200, and is sent again with its key.</summary>
/// <param name="Began">When it was sent.</param>
/// <param name="Ended">When its sender knew.</param>
/// <param name="Fault">The reason.</param>
/// <param name="IsHidden">True when a proxy sent it to another replica, so that its sender saw nothing.</param>
/// <param name="Detail">The answer or the exception.</param>
internal sealed record FailedPost(TimeSpan Began, TimeSpan Ended, PostFault Fault, bool IsHidden, string Detail);

/// <summary>The end of a process and the start of the next one in its place.</summary>
internal sealed record Replacement(string Name, TimeSpan Terminated, TimeSpan Exited, TimeSpan Ready)
{
    public int ExitCode { get; init; }

    /// <summary>The lines that the old process wrote and that are errors.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>True for an instant of the stop.</summary>
    public bool IsStopping(TimeSpan from, TimeSpan? to) => from <= Exited && (to is null || to >= Terminated);
}

/// <summary>The facts of upgrades under load, all by one monotonic clock.</summary>
internal sealed record UpgradeFacts
{
    public required IReadOnlyCollection<PostedEvent> Posted { get; init; }

    public required IReadOnlyCollection<FailedPost> Failed { get; init; }

    /// <summary>All requests of the service to its receivers. Each event goes to one of them.</summary>
    public required IReadOnlyCollection<RecordedRequest> Received { get; init; }

    /// <summary>In the order of time.</summary>
    public required IReadOnlyList<Replacement> Replacements { get; init; }

    /// <summary>The time of the last answer to a sender.</summary>
    public required TimeSpan LoadEnded { get; init; }

    /// <summary>The service's setting <c>SHUTDOWN_TIMEOUT</c>.</summary>
    public required TimeSpan ShutdownTimeout { get; init; }

    /// <summary>True when other replicas served meanwhile.</summary>
    public bool IsRolling { get; init; }

    /// <summary>True for a proxy that ends the connection of a sender when that of its replica ends without an answer, as haproxy does.</summary>
    public bool ProxyBreaks { get; init; }
}
