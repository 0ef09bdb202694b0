namespace Middleware.Domain;

/// <summary>An endpoint in the registry.</summary>
internal sealed record RegisteredEndpoint
{
    public required WebhookEndpoint Endpoint { get; init; }

    /// <summary>Counts the changes, from 1.</summary>
    public required long Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
