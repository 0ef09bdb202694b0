namespace Middleware.Domain;

/// <summary>The form in which an endpoint gets events.</summary>
internal enum DeliveryFormat
{
    /// <summary>Our own JSON object.</summary>
    Native,

    /// <summary>Structured CloudEvents 1.0.</summary>
    CloudEvents,
}

/// <summary>The names in the API and in the store.</summary>
internal static class DeliveryFormats
{
    public static readonly EnumNames<DeliveryFormat> Names = new(Name);

    public static string Name(this DeliveryFormat format) => format == DeliveryFormat.CloudEvents ? "cloudevents" : "native";
}
