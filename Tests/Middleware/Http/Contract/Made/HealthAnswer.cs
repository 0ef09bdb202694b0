using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The health of the service.</summary>
public sealed record HealthAnswer
{
    /// <summary>The worst of the checks.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>Each check by its name; left out for callers without the scopes <c>events:read</c> and <c>operate</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, HealthCheckAnswer>? Checks { get; init; }
}

/// <summary>The health of one part of the service.</summary>
public sealed record HealthCheckAnswer
{
    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>For people.</summary>
    public required string? Description { get; init; }

    /// <summary>Figures of the check.</summary>
    public required IReadOnlyDictionary<string, string> Data { get; init; }
}
