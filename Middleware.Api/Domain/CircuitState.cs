using System.Text.Json.Serialization;

namespace Middleware.Domain;

/// <summary>Whether an endpoint is sent to. The numbers are those of the metric.</summary>
internal enum CircuitState
{
    /// <summary>All goes on.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed = 0,

    /// <summary>The next delivery is a probe, or one is under way.</summary>
    [JsonStringEnumMemberName("half_open")]
    HalfOpen = 1,

    /// <summary>Nothing is sent.</summary>
    [JsonStringEnumMemberName("open")]
    Open = 2,
}

/// <summary>What opened a circuit.</summary>
/// <param name="Failures">How many tries failed, by reason.</param>
/// <param name="Tries">Of so many.</param>
/// <param name="OpenFor">How long nothing is sent.</param>
internal sealed record CircuitOpening(IReadOnlyDictionary<string, int> Failures, int Tries, TimeSpan OpenFor)
{
    /// <summary>False when it was a probe that failed: then it had been open before.</summary>
    public bool WasClosed => OpenFor == Circuit.ShortestOpening;
}
