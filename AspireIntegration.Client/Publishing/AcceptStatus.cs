using System.Text.Json.Serialization;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Publishing;

/// <summary>The verdict on an event.</summary>
[JsonConverter(typeof(EnumText<AcceptStatus>))]
public enum AcceptStatus
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>It is kept.</summary>
    Accepted,

    /// <summary>It is refused.</summary>
    Rejected,
}
