using System.Text.Json.Serialization;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Operating;

/// <summary>The origin of an endpoint.</summary>
[JsonConverter(typeof(EnumText<EndpointOrigin>))]
public enum EndpointOrigin
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>Registered over the API.</summary>
    Api,

    /// <summary>Declared in the configuration.</summary>
    Configuration,

    /// <summary>From EXTERNAL_ENDPOINT_URL.</summary>
    BuiltIn,
}

/// <summary>The reason for which an endpoint is disabled.</summary>
[JsonConverter(typeof(EnumText<DisabledReason>))]
public enum DisabledReason
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>An operator disabled it.</summary>
    Operator,

    /// <summary>It answered 410.</summary>
    Gone,

    /// <summary>It failed for too long.</summary>
    Failing,

    /// <summary>The configuration disables it.</summary>
    Configuration,
}

/// <summary>The rule for events that meet a full queue.</summary>
[JsonConverter(typeof(EnumText<WhenFull>))]
public enum WhenFull
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>An event that matches only such endpoints is refused.</summary>
    Reject,

    /// <summary>The rest waits on disk.</summary>
    Park,
}

/// <summary>The end of deliveries that wait for an endpoint that is deleted.</summary>
[JsonConverter(typeof(EnumText<WaitingDeliveries>))]
public enum WaitingDeliveries
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>They become dead letters.</summary>
    [JsonStringEnumMemberName("dead-letter")]
    DeadLetter,
}

/// <summary>The kind of credentials.</summary>
[JsonConverter(typeof(EnumText<AuthKind>))]
public enum AuthKind
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>A token.</summary>
    Bearer,

    /// <summary>A user name and a password.</summary>
    Basic,

    /// <summary>Client credentials of an authorization server.</summary>
    Oauth2,

    /// <summary>A client certificate.</summary>
    Mtls,
}
