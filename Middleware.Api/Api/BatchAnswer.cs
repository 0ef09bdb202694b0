using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>An event of a batch as it was judged: what is to be kept, or what is wrong with it.</summary>
internal readonly record struct JudgedEvent(RoutedEvent? Routed, IDictionary<string, string[]>? Errors);

/// <summary>
/// 200 <c>{"accepted":n,"rejected":m,"results":[...]}</c>, a result for each event in the order of the batch:
/// <c>{"index","status":"accepted","event_id","correlation_id"}</c> or <c>{"index","status":"rejected","errors":{"field":["..."]}}</c>.
/// </summary>
internal static class BatchAnswer
{
    /// <summary>The key of the error of an event that is valid and found every queue full.</summary>
    private const string Queue = "queue";

    /// <summary>The key of the error of an event that was not kept though others of its batch were.</summary>
    private const string Store = "store";

    private static readonly Dictionary<string, string[]> StoreUnavailable = new()
    {
        [Store] = ["the store could not be written when the turn of this event came: send it again later"],
    };

    private static readonly Dictionary<string, string[]> QueueFull = new()
    {
        [Queue] = ["every endpoint that must hear of this event has a full queue (QUEUE_SIZE): send it again later"],
    };

    // Names are the client's own: only what JSON asks for is escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool IsAccepted(JudgedEvent judged) => judged.Routed is { Outcome: AcceptOutcome.Accepted };

    public static byte[] Write(IReadOnlyList<JudgedEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + (events.Count * 160));
        using var json = new Utf8JsonWriter(buffer, Options);
        var accepted = events.Count(IsAccepted);

        json.WriteStartObject();
        json.WriteNumber("accepted"u8, accepted);
        json.WriteNumber("rejected"u8, events.Count - accepted);
        json.WriteStartArray("results"u8);
        for (var index = 0; index < events.Count; index++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            WriteResult(json, events[index]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteResult(Utf8JsonWriter json, JudgedEvent judged)
    {
        if (IsAccepted(judged))
        {
            json.WriteString("status"u8, "accepted"u8);
            json.WriteString("event_id"u8, judged.Routed!.Id.ToString("n"));
            json.WriteString("correlation_id"u8, judged.Routed.CorrelationId);
            return;
        }

        json.WriteString("status"u8, "rejected"u8);
        json.WriteStartObject("errors"u8);
        foreach (var (field, faults) in judged.Errors ?? (judged.Routed!.Outcome == AcceptOutcome.StoreUnavailable ? StoreUnavailable : QueueFull))
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
