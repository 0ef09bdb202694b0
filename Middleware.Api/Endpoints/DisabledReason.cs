using System.Text.Json.Serialization;

namespace Middleware.Endpoints;

/// <summary>
/// The reason for which an endpoint is disabled: its events wait until an operator enables it. The names are stored; they never change.
/// </summary>
internal enum DisabledReason
{
    /// <summary>An operator disabled it.</summary>
    [JsonStringEnumMemberName("operator")]
    Operator,

    /// <summary>It answered 410.</summary>
    [JsonStringEnumMemberName("gone")]
    Gone,

    /// <summary>It failed for <c>AUTO_DISABLE_AFTER</c> without one success.</summary>
    [JsonStringEnumMemberName("failing")]
    Failing,

    /// <summary>The configuration disables it, or declares it no more.</summary>
    [JsonStringEnumMemberName("configuration")]
    Configuration,
}
