namespace ExternalAlerts;

/// <summary>Items, newest first.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items);
