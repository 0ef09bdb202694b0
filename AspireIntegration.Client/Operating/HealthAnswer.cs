using System.Collections.ObjectModel;

namespace AspireIntegration.Client.Operating;

/// <summary>The health of the service.</summary>
public sealed record HealthAnswer
{
    /// <summary>The worst of the checks.</summary>
    public CheckStatus Status { get; init; }

    /// <summary>Each check by its name; left out for callers without the scopes <c>events:read</c> and <c>operate</c>.</summary>
    public IReadOnlyDictionary<string, HealthCheckAnswer>? Checks { get; init; }
}

/// <summary>The health of one part of the service.</summary>
public sealed record HealthCheckAnswer
{
    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public CheckStatus Status { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Figures of the check.</summary>
    public IReadOnlyDictionary<string, string> Data { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
