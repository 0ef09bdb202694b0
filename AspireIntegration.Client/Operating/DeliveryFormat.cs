using System.Text.Json.Serialization;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Operating;

/// <summary>The format of deliveries.</summary>
[JsonConverter(typeof(EnumText<DeliveryFormat>))]
public enum DeliveryFormat
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>The JSON of the receiver contract.</summary>
    Native,

    /// <summary>CloudEvents 1.0.</summary>
    Cloudevents,
}

/// <summary>The order of deliveries.</summary>
[JsonConverter(typeof(EnumText<Ordering>))]
public enum Ordering
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>By priority, then by age.</summary>
    None,

    /// <summary>Events of one key in order of acceptance.</summary>
    Key,
}

/// <summary>The end of a key's wait for an event that is not tried again by itself.</summary>
[JsonConverter(typeof(EnumText<OnExhausted>))]
public enum OnExhausted
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>The next events go on.</summary>
    Skip,

    /// <summary>The next events wait.</summary>
    Block,
}
