using System.Text.Json.Serialization;

namespace Middleware.Domain;

/// <summary>The form in which an endpoint gets events.</summary>
internal enum DeliveryFormat
{
    /// <summary>Our own JSON object.</summary>
    [JsonStringEnumMemberName("native")]
    Native,

    /// <summary>Structured CloudEvents 1.0.</summary>
    [JsonStringEnumMemberName("cloudevents")]
    CloudEvents,
}
