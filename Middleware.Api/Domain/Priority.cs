using System.Collections.Frozen;

namespace Middleware.Domain;

/// <summary>How soon an event is delivered: a lane takes the highest first. The numbers are stored; they never change.</summary>
internal enum Priority
{
    Low = 0,
    Medium = 1,
    High = 2,
    Critical = 3,
}

/// <summary>Priorities by severity and by name.</summary>
internal static class Priorities
{
    /// <summary>How many there are.</summary>
    public const int Count = 4;

    private static readonly FrozenDictionary<string, Priority> BySeverity = new Dictionary<string, Priority>
    {
        ["critical"] = Priority.Critical,
        ["fatal"] = Priority.Critical,
        ["emergency"] = Priority.Critical,
        ["high"] = Priority.High,
        ["error"] = Priority.High,
        ["medium"] = Priority.Medium,
        ["warning"] = Priority.Medium,
        ["warn"] = Priority.Medium,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The priority of a severity, whatever its case; a severity that is not known is <see cref="Priority.Low"/>.</summary>
    public static Priority FromSeverity(string severity) => BySeverity.GetValueOrDefault(severity, Priority.Low);

    /// <summary>The name in payloads, filters and answers: lower case.</summary>
    public static string Name(this Priority priority) => priority switch
    {
        Priority.Critical => "critical",
        Priority.High => "high",
        Priority.Medium => "medium",
        _ => "low",
    };
}
