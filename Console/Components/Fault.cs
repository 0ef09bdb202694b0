using System.Net;
using AspireIntegration.Client;

namespace AspireIntegration.Console.Components;

/// <summary>A fault as people read it: what it is, and what to do.</summary>
/// <param name="Text">The fault.</param>
/// <param name="Remedy">The way out; null where the text says it.</param>
public sealed record Fault(string Text, string? Remedy = null)
{
    /// <summary>The faults of fields by their names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Fields { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The refusal of a request.</summary>
    public static Fault Of(AspireIntegrationException refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var remedy = refusal.StatusCode switch
        {
            HttpStatusCode.Forbidden => "Ask an administrator for a key with the scope that is named.",
            HttpStatusCode.PreconditionFailed => "Somebody changed it meanwhile. Load the page again, then change it.",
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => refusal.RetryAfter is { } wait ? $"Try again in {Math.Ceiling(wait.TotalSeconds)} s." : "Try again in a moment.",
            _ => null,
        };
        return new Fault(refusal.Detail ?? refusal.Title, remedy) { Fields = refusal.Errors };
    }

    /// <summary>A middleware that could not be reached.</summary>
    public static Fault Of(HttpRequestException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return new Fault($"The middleware cannot be reached: {fault.Message}", "Check that it runs, and the setting MIDDLEWARE_URL.");
    }
}
