namespace ExternalAlerts;

/// <summary>The answer to alerts that were received: the request's correlation id and the number of alerts in it.</summary>
public sealed record AlertsReceived(string Status, string CorrelationId, int Received);
