using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a resource is at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>Where in its life it is.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Its health; none until it runs and its health check, if it has one, has been asked.</summary>
    public HealthStatus? HealthStatus { get; init; }

    /// <summary>The exit code, once its process has ended.</summary>
    public int? ExitCode { get; init; }

    internal bool HasEnded => State?.Text is { } text
        && (text == KnownResourceStates.FailedToStart || text == KnownResourceStates.Exited || text == KnownResourceStates.Finished);
}
