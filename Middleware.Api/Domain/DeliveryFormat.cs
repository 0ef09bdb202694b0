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
    public const string Native = "native";
    public const string CloudEvents = "cloudevents";

    public static string Name(this DeliveryFormat format) => format == DeliveryFormat.CloudEvents ? CloudEvents : Native;

    public static DeliveryFormat? Find(string name) => name switch
    {
        Native => DeliveryFormat.Native,
        CloudEvents => DeliveryFormat.CloudEvents,
        _ => null,
    };
}
