using Middleware.Accepting;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>
/// The events of one request that wait for their commit; the request waits on the task, and goes on within the call that completes it. A request too
/// large for one transaction is kept in parts, each event whole in one, and answered after the last.
/// </summary>
internal sealed class AcceptItem : TaskCompletionSource<AcceptResult>
{
    /// <summary>The most rows of a part; an event that has more is a part of its own.</summary>
    public const int PartRows = 2_000;

    /// <summary>The bytes of a request without events: it may have an idempotency key, and waits as well.</summary>
    private const int OwnBytes = 1_024;

    /// <summary>Encrypts what is to be kept, on the thread of the request, where there are keys for it.</summary>
    public AcceptItem(IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, DataKeys? keys = null)
    {
        (Events, Claim, Results, Sequences) = (events, claim, new EventResult[events.Count], new long[events.Count]);
        for (var index = 0; index < events.Count; index++)
        {
            Rows += RowsOf(events[index]);
            Bytes += events[index].Event.HeldBytes + (events[index].Endpoints.Length * nint.Size);
        }

        Sealed = keys is null || (claim is null && !keys.SealsPayloads) ? null : new SealedRequest(keys, events, claim);
        Bytes += Sealed?.Bytes ?? 0;
    }

    public IReadOnlyList<RoutedEvent> Events { get; }

    public IdempotencyClaim? Claim { get; }

    /// <summary>The result of each event so far.</summary>
    public EventResult[] Results { get; }

    /// <summary>The rows of its events and their deliveries.</summary>
    public long Rows { get; }

    /// <summary>Its approximate memory until it is answered, in bytes.</summary>
    public long Bytes { get; } = OwnBytes;

    /// <summary>The result of all its parts; null while some are not written.</summary>
    public AcceptResult? Result { get; set; }

    /// <summary>The reason for which nothing of it was kept; null for none.</summary>
    public Exception? Refusal { get; private set; }

    /// <summary>The number of events that are committed.</summary>
    public int Committed { get; private set; }

    /// <summary>The number of events up to the transaction under way.</summary>
    public int Through { get; set; }

    /// <summary>
    /// The sequences of the events from <see cref="Committed"/> to <see cref="Through"/>, which the transaction under way inserted; 0 for those that it did
    /// not. They are in order, and not each the next of the one before.
    /// </summary>
    public long[] Sequences { get; }

    /// <summary>The next event to be written; null for none.</summary>
    public RoutedEvent? Next => Through < Events.Count ? Events[Through] : null;

    /// <summary>True when the next part is a single event that is a transaction of its own.</summary>
    public bool NextIsAlone => Next is { } next && RowsOf(next) > PartRows;

    /// <summary>True when its result is known.</summary>
    public bool IsAnswered => Result is not null || Refusal is not null;

    /// <summary>The encryption of it; null where there is nothing of it to encrypt or to decrypt.</summary>
    public SealedRequest? Sealed { get; }

    /// <summary>The next event's payload as it is stored.</summary>
    public ReadOnlyMemory<byte> NextPayload => Sealed?.Payload(Through) is { } payload ? payload : Events[Through].Event.Payload;

    public static int RowsOf(RoutedEvent routed) => 1 + routed.Endpoints.Length;

    /// <summary>Begins a part; the part of the last transaction is committed or forgotten.</summary>
    public void Begin() => (Through, Result) = (Committed, null);

    /// <summary>Notes that the part is committed.</summary>
    public void Commit() => Committed = Through;

    /// <summary>Notes that no more of it can be kept. Kept events stay so, and the results of the rest are refusals.</summary>
    public void Refuse(Exception exception)
    {
        Begin();
        if (Committed == 0)
        {
            Refusal = exception;
            return;
        }

        for (; Next is { } routed; Through++)
        {
            Results[Through] = Results[Through].IsKeptBefore ? Results[Through] : EventResult.Of(routed, AcceptOutcome.StoreUnavailable);
        }

        Result = new AcceptResult(AcceptKind.Judged, Results);
    }
}
