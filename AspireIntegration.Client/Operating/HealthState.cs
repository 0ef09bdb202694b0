using System.Text.Json.Serialization;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Operating;

/// <summary>The state of an endpoint.</summary>
[JsonConverter(typeof(EnumText<HealthState>))]
public enum HealthState
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>Its deliveries succeed.</summary>
    Healthy,

    /// <summary>Some of them fail.</summary>
    Degraded,

    /// <summary>Its circuit is not closed.</summary>
    Failing,

    /// <summary>It is disabled.</summary>
    Disabled,
}

/// <summary>The state of a circuit.</summary>
[JsonConverter(typeof(EnumText<CircuitState>))]
public enum CircuitState
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>Deliveries are sent.</summary>
    Closed,

    /// <summary>A probe decides next.</summary>
    HalfOpen,

    /// <summary>Nothing is sent.</summary>
    Open,
}

/// <summary>The status of a health check.</summary>
[JsonConverter(typeof(EnumText<CheckStatus>))]
public enum CheckStatus
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>It works, with a fault.</summary>
    Degraded,

    /// <summary>It does not work.</summary>
    Unhealthy,
}

/// <summary>The kind of fault of an expression, as CloudEvents SQL names them.</summary>
[JsonConverter(typeof(EnumText<ExpressionFaultKind>))]
public enum ExpressionFaultKind
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>A calculation without a result.</summary>
    Math,

    /// <summary>A value of another type.</summary>
    Cast,

    /// <summary>The event has no such attribute.</summary>
    MissingAttribute,

    /// <summary>A function failed.</summary>
    FunctionEvaluation,

    /// <summary>Any other.</summary>
    Generic,

    /// <summary>It costs more than a filter may.</summary>
    TooCostly,
}
