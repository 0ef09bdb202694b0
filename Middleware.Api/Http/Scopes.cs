using System.Text.Json.Serialization;
using Middleware.Events;

namespace Middleware.Http;

/// <summary>The permissions of a caller, each of which is named in keys, tokens and refusals.</summary>
[Flags]
internal enum Scopes
{
    None = 0,

    /// <summary>Post events.</summary>
    [JsonStringEnumMemberName("events:write")]
    EventsWrite = 1,

    /// <summary>Lists and timelines, without payloads and the answers of receivers.</summary>
    [JsonStringEnumMemberName("events:read")]
    EventsRead = 2,

    /// <summary>The same as <see cref="EventsRead"/>, with payloads and the answers of receivers.</summary>
    [JsonStringEnumMemberName("payloads:read")]
    PayloadsRead = 4,

    /// <summary>The registry of endpoints, their secrets and tests.</summary>
    [JsonStringEnumMemberName("endpoints:write")]
    EndpointsWrite = 8,

    /// <summary>Replay, discard, enable, disable, test filters.</summary>
    [JsonStringEnumMemberName("operate")]
    Operate = 16,

    /// <summary>Keys of callers, the audit log, erasure.</summary>
    [JsonStringEnumMemberName("admin")]
    Admin = 32,

    /// <summary><c>/metrics</c>.</summary>
    [JsonStringEnumMemberName("metrics")]
    Metrics = 64,

    All = EventsWrite | EventsRead | PayloadsRead | EndpointsWrite | Operate | Admin | Metrics,
}

/// <summary>The scopes by their names.</summary>
internal static class ScopeNames
{
    /// <summary>The single scopes.</summary>
    public static readonly EnumNames<Scopes> Single = new(
        [Scopes.EventsWrite, Scopes.EventsRead, Scopes.PayloadsRead, Scopes.EndpointsWrite, Scopes.Operate, Scopes.Admin, Scopes.Metrics]);

    /// <summary>The scope of a name, in this case alone as in tokens (RFC 6749, 3.3); null for another text.</summary>
    public static Scopes? Find(string text) => Single.Texts.Contains(text) ? Single.Find(text) : null;

    /// <summary>The names of a set, in the order of the enum.</summary>
    public static IReadOnlyList<string> Of(Scopes scopes) => [.. Single.Texts.Where(name => scopes.HasFlag(Single.Find(name)!.Value))];
}
