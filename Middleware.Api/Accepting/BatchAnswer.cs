using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Middleware.Events;

namespace Middleware.Accepting;

/// <summary>A judged event of a batch: the event to be kept, or its faults.</summary>
internal readonly record struct JudgedEvent(RoutedEvent? Routed, IDictionary<string, string[]>? Errors);

/// <summary>
/// 200 <c>{"accepted":n,"rejected":m,"results":[...]}</c>, with a result for each event in the order of the batch:
/// <c>{"index","status":"accepted","event_id","correlation_id"}</c> or <c>{"index","status":"rejected","errors":{"field":["..."]}}</c>.
/// </summary>
internal static class BatchAnswer
{
    /// <summary>The key of the error of an event that is valid and found every queue full.</summary>
    private const string Queue = "queue";

    /// <summary>The key of the error of an event that was not kept although others of its batch were.</summary>
    private const string Store = "store";

    /// <summary>
    /// The error of an event that is valid now and was refused when its idempotency key was first used. The limits were other ones then.
    /// </summary>
    private static readonly Dictionary<string, string[]> RefusedBefore = new()
    {
        [JsonBody.Body] = ["was refused when this Idempotency-Key was first used: send it with a new key"],
    };

    private static readonly Dictionary<string, string[]> StoreUnavailable = new()
    {
        [Store] = ["the store could not be written when the turn of this event came: send it again later"],
    };

    private static readonly Dictionary<string, string[]> QueueFull = new()
    {
        [Queue] = ["every endpoint that matches this event has a full queue (QUEUE_SIZE): send it again later"],
    };

    // Names are the client's own: only the characters that JSON must escape are escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="events">The judged events of the batch.</param>
    /// <param name="results">The store's results, now or the first time.</param>
    public static byte[] Write(IReadOnlyList<JudgedEvent> events, IReadOnlyList<EventResult> results)
    {
        var byPlace = new EventResult?[events.Count];
        foreach (var result in results)
        {
            byPlace[result.Place] = result;
        }

        var buffer = new ArrayBufferWriter<byte>(64 + (events.Count * 160));
        using var json = new Utf8JsonWriter(buffer, Options);
        var accepted = results.Count(static result => result.IsAccepted);

        json.WriteStartObject();
        json.WriteNumber("accepted"u8, accepted);
        json.WriteNumber("rejected"u8, events.Count - accepted);
        json.WriteStartArray("results"u8);
        for (var index = 0; index < events.Count; index++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            WriteResult(json, byPlace[index], events[index].Errors);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteResult(Utf8JsonWriter json, EventResult? result, IDictionary<string, string[]>? errors)
    {
        if (result is { IsAccepted: true } accepted)
        {
            json.WriteString("status"u8, "accepted"u8);
            json.WriteString("event_id"u8, accepted.Id.ToString("n"));
            json.WriteString("correlation_id"u8, accepted.CorrelationId);
            return;
        }

        errors = result?.Outcome switch
        {
            AcceptOutcome.QueueFull => QueueFull,
            AcceptOutcome.StoreUnavailable => StoreUnavailable,
            _ => errors ?? RefusedBefore,
        };
        json.WriteString("status"u8, "rejected"u8);
        json.WriteStartObject("errors"u8);
        foreach (var (field, faults) in errors)
        {
            json.WriteStartArray(field);
            foreach (var fault in faults)
            {
                json.WriteStringValue(fault);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
