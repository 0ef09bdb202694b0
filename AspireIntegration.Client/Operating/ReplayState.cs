using System.Text.Json.Serialization;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Operating;

/// <summary>The state of a bulk replay or erasure.</summary>
[JsonConverter(typeof(EnumText<ReplayState>))]
public enum ReplayState
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It is done.</summary>
    Completed,

    /// <summary>An operator cancelled it.</summary>
    Cancelled,
}

/// <summary>The subject of a bulk replay.</summary>
[JsonConverter(typeof(EnumText<ReplaySubject>))]
public enum ReplaySubject
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>Dead letters that rest.</summary>
    DeadLetters,

    /// <summary>Events, delivered or not.</summary>
    Events,
}

/// <summary>The action of a bulk replay.</summary>
[JsonConverter(typeof(EnumText<ReplayAction>))]
public enum ReplayAction
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>Deliver them again.</summary>
    Replay,

    /// <summary>Give dead letters up for good.</summary>
    Discard,
}

/// <summary>The result of a replay for one endpoint.</summary>
[JsonConverter(typeof(EnumText<ReplayResult>))]
public enum ReplayResult
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>It is pending now.</summary>
    Queued,

    /// <summary>It was pending before.</summary>
    AlreadyPending,

    /// <summary>The endpoint is deleted.</summary>
    EndpointGone,
}
