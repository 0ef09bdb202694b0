using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Middleware.Events;

/// <summary>An event of the platform itself about one of its endpoints.</summary>
/// <param name="Type">Its <c>event_type</c>.</param>
/// <param name="Severity">Its <c>severity</c>.</param>
/// <param name="About">The endpoint it is about, which does not get it.</param>
/// <param name="Message">For people.</param>
/// <param name="Metadata">Values for programs beside the endpoint's id.</param>
internal sealed record PlatformEvent(string Type, string Severity, EndpointId About, string Message, params (string Name, JsonNode? Value)[] Metadata)
{
    /// <summary>The <c>source</c> of all of them.</summary>
    public const string Source = "aspire-integration";

    public const string EndpointDisabled = "endpoint_disabled";

    public const string CircuitOpened = "circuit_opened";

    public const string DeadLettersGrowing = "dead_letters_growing";

    /// <summary>The event as if it had been received.</summary>
    public ReceivedEvent ToReceived()
    {
        var metadata = new JsonObject { ["endpoint_id"] = About.Value };
        foreach (var (name, value) in Metadata)
        {
            metadata[name] = value;
        }

        return new ReceivedEvent
        {
            Source = Source,
            EventType = Type,
            Severity = Severity,
            Raw = new RawMembers
            {
                Source = Json(Source),
                EventType = Json(Type),
                Severity = Json(Severity),
                Message = Json(Message),
                Metadata = Encoding.UTF8.GetBytes(metadata.ToJsonString()),
            },
        };
    }

    private static byte[] Json(string text) => [(byte)'"', .. JsonEncodedText.Encode(text).EncodedUtf8Bytes, (byte)'"'];
}
