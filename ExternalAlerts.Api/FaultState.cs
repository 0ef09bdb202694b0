using ServiceDefaults.Settings;

namespace ExternalAlerts;

/// <summary>
/// The current faults. <c>active</c> is false when there are none, or <c>count</c> requests have misbehaved; <c>remaining</c> is the number that
/// still will. Durations such as <c>200ms</c>, <c>3s</c>, <c>1m30s</c>.
/// </summary>
public sealed record FaultState(
    bool Active, int? Status, double Rate, string? Latency, bool Hang, bool Drop, string? RetryAfter, int? Count, int? Remaining)
{
    internal static FaultState Of(Fault? fault, int? remaining) => fault is null
        ? new(Active: false, null, 0, null, Hang: false, Drop: false, null, null, null)
        : new(
            remaining != 0,
            fault.Status,
            fault.Rate,
            fault.Latency is { } latency ? Duration.Format(latency) : null,
            fault.Hang,
            fault.Drop,
            fault.RetryAfter is { } wait ? Duration.Format(wait) : null,
            fault.Count,
            remaining);
}
