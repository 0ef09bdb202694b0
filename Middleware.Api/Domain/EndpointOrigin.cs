using System.Text.Json.Serialization;

namespace Middleware.Domain;

/// <summary>Who says that there is an endpoint. The names are stored; they never change.</summary>
internal enum EndpointOrigin
{
    /// <summary>It was registered through the API, which changes and deletes it.</summary>
    [JsonStringEnumMemberName("api")]
    Api,

    /// <summary>It is declared in the section <c>Endpoints</c> of the configuration, which is read at the start.</summary>
    [JsonStringEnumMemberName("configuration")]
    Configuration,

    /// <summary><c>EXTERNAL_ENDPOINT_URL</c> and the settings beside it.</summary>
    [JsonStringEnumMemberName("built_in")]
    BuiltIn,
}
