using System.Text;
using System.Text.Json.Serialization;

namespace Middleware.Events;

/// <summary>An attempt of a delivery, with its result.</summary>
internal sealed record Attempt
{
    /// <summary>The batch it was made with; null for a delivery of its own.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>The replica that made it, as it was read from the store; null where there is one alone.</summary>
    public string? Replica { get; init; }

    /// <summary>From 1, counted on over restarts and replays.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>The status of the answer; null when there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The cause of its failure, one of <see cref="FailureReason"/>; null for a success.</summary>
    public string? Reason { get; init; }

    /// <summary>The text of the failure, for people.</summary>
    public string? Error { get; init; }

    /// <summary>
    /// The time before which the receiver wants no other (<c>Retry-After</c>), at most <c>MAX_RETRY_AFTER</c> after its answer; null for none.
    /// </summary>
    public DateTimeOffset? RetryAfter { get; init; }

    /// <summary>The start of the answer's body, at most 4 KiB.</summary>
    public ReadOnlyMemory<byte> Response { get; init; }

    public bool IsDelivered => Reason is null;

    public DateTimeOffset EndedAt => StartedAt + Duration;
}

/// <summary>An attempt of a delivery.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Attempt">The attempt itself.</param>
internal sealed record EndpointAttempt([property: JsonPropertyName("endpoint_id")] EndpointId Endpoint, [property: JsonIgnore] Attempt Attempt) : IHeldAnswer
{
    private const int BytesOfOthers = 1 << 10;

    long IHeldAnswer.Bytes => BytesOfOthers + Attempt.Response.Length;

    /// <summary>From 1, for each endpoint.</summary>
    public int Number => Attempt.Number;

    /// <summary>UTC.</summary>
    public DateTimeOffset StartedAt => Attempt.StartedAt;

    /// <summary>Milliseconds until the answer or the failure.</summary>
    public double LatencyMs => Attempt.Duration.TotalMilliseconds;

    /// <summary>The HTTP status of the answer; null when there was none.</summary>
    public int? StatusCode => Attempt.StatusCode;

    /// <summary>The cause of the failure; null for a success.</summary>
    public string? Reason => Attempt.Reason;

    /// <summary>The text of the failure.</summary>
    public string? Error => Attempt.Error;

    /// <summary>The first 4 KiB of the answer, as UTF-8 text; null without the scope <c>payloads:read</c>.</summary>
    public string? Response => Attempt.Response.IsEmpty ? null : Encoding.UTF8.GetString(Attempt.Response.Span);

    /// <summary>The same without the receiver's answer.</summary>
    public EndpointAttempt WithoutResponse() => this with { Attempt = Attempt with { Response = default } };

    /// <summary>The batch in which it was made, which is its <c>webhook-id</c>; null for a request of its own.</summary>
    public Guid? BatchId => Attempt.BatchId;

    /// <summary>REPLICA_NAME of the replica that made it, or the name of its machine; null with SQLite, or copied from it.</summary>
    public string? Replica => Attempt.Replica;
}
