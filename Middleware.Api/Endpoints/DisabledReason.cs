using System.Text.Json.Serialization;

namespace Middleware.Endpoints;

/// <summary>Why an endpoint is disabled: its events wait for it until an operator enables it. The names are stored; they never change.</summary>
internal enum DisabledReason
{
    /// <summary>An operator says so.</summary>
    [JsonStringEnumMemberName("operator")]
    Operator,

    /// <summary>It answered 410: it wants no more.</summary>
    [JsonStringEnumMemberName("gone")]
    Gone,

    /// <summary>It failed for <c>AUTO_DISABLE_AFTER</c> without one success.</summary>
    [JsonStringEnumMemberName("failing")]
    Failing,

    /// <summary>The configuration says so, or declares it no more.</summary>
    [JsonStringEnumMemberName("configuration")]
    Configuration,
}
