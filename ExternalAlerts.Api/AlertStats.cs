namespace ExternalAlerts;

/// <summary>
/// Alerts received since the start or the last clearing: <c>unique</c> and <c>duplicates</c> by event id, <c>without_id</c> for those without one,
/// and their sum in <c>received</c>. <c>tries</c> are all well-formed requests, <c>faulted</c> those of them that misbehaved by a fault.
/// </summary>
public sealed record AlertStats(long Received, long Unique, long Duplicates, long WithoutId, long Tries, long Faulted);
