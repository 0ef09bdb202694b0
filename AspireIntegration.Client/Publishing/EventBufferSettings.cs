namespace AspireIntegration.Client.Publishing;

/// <summary>The rule for events that meet a full buffer.</summary>
public enum WhenBufferFull
{
    /// <summary>They wait for room.</summary>
    Wait,

    /// <summary>They are refused.</summary>
    Refuse,
}

/// <summary>The bounds of a buffer, and the end of events that it cannot deliver.</summary>
public sealed class EventBufferSettings
{
    /// <summary>The most events that wait, 1 to 1,000,000; 10,000 by default. Those of the batch under way are not counted.</summary>
    public int Capacity { get; set; } = 10_000;

    /// <summary>The most events of a batch, 1 to 1,000; 500 by default. A batch has what waits, and is never waited for.</summary>
    public int BatchSize { get; set; } = 500;

    /// <summary>The rule for <see cref="EventBuffer.EnqueueAsync"/> when the buffer is full; to wait by default.</summary>
    public WhenBufferFull WhenFull { get; set; }

    /// <summary>
    /// Takes each event that the buffer cannot deliver. It is called by the loop of the buffer, which goes on when it returns, and must not throw.
    /// </summary>
    public Action<UndeliveredEvent>? OnUndelivered { get; set; }

    internal IEnumerable<string> Faults(string at) =>
    [
        .. SettingFault.OutOf($"{at}:{nameof(Capacity)}", Capacity, 1, 1_000_000),
        .. SettingFault.OutOf($"{at}:{nameof(BatchSize)}", BatchSize, 1, EventPublisher.MaxBatchEvents),
        .. Enum.IsDefined(WhenFull) ? Array.Empty<string>() : [$"{at}:{nameof(WhenFull)} \"{WhenFull}\" is not known; expected Wait or Refuse"],
    ];
}

/// <summary>The reason for which a buffer gave an event up.</summary>
public enum UndeliveredReason
{
    /// <summary>The service refuses the event.</summary>
    Rejected,

    /// <summary>The buffer was stopped before it was accepted. It may have been accepted when its answer was still under way.</summary>
    Stopped,
}

/// <summary>An event that a buffer gave up.</summary>
/// <param name="Event">The event.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Errors">The faults of the event, by field; null when it was not judged.</param>
/// <param name="Cause">The failure of the last attempt; null for none.</param>
public sealed record UndeliveredEvent(
    EventToPublish Event, UndeliveredReason Reason, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors, Exception? Cause);
