using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>An event as it was received and found valid: what routing needs decoded, and all members as they stood.</summary>
internal readonly ref struct ReceivedEvent
{
    public required string Source { get; init; }

    public required string EventType { get; init; }

    public required string Severity { get; init; }

    public required RawMembers Raw { get; init; }
}
