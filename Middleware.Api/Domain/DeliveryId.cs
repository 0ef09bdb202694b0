namespace Middleware.Domain;

/// <summary>One event for one endpoint, written <c>event_id.endpoint_id</c>.</summary>
internal readonly record struct DeliveryId(Guid EventId, EndpointId Endpoint)
{
    /// <summary>What is accepted, for people.</summary>
    public const string Form = "the 32 hexadecimal digits of the event id, a dot and the endpoint id (1 to 128 characters)";

    private const int EventIdLength = 32;
    private const int MaxEndpointLength = 128;

    public static bool TryParse(string? text, out DeliveryId id)
    {
        id = default;
        if (text is not { Length: > EventIdLength + 1 and <= EventIdLength + 1 + MaxEndpointLength }
            || text[EventIdLength] != '.'
            || !Guid.TryParseExact(text.AsSpan(0, EventIdLength), "n", out var eventId))
        {
            return false;
        }

        id = new DeliveryId(eventId, new EndpointId(text[(EventIdLength + 1)..]));
        return true;
    }

    public override string ToString() => $"{EventId:n}.{Endpoint}";
}
