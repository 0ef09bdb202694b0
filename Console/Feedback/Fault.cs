using System.Net;
using AspireIntegration.Client;

namespace AspireIntegration.Console.Feedback;

/// <summary>A fault as people read it: what it is, and what to do.</summary>
/// <param name="Text">The fault.</param>
/// <param name="Remedy">The way out; null where the text says it.</param>
public sealed record Fault(string Text, string? Remedy = null)
{
    /// <summary>The faults of fields by their names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Fields { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The failure of a request: a refusal, or a middleware that does not answer. Null for a defect.</summary>
    public static Fault? Of(Exception failure) => failure switch
    {
        AspireIntegrationException refusal => new Fault(refusal.Detail ?? refusal.Title, RemedyOf(refusal)) { Fields = refusal.Errors },
        HttpRequestException => new Fault($"The middleware cannot be reached: {failure.Message}", "Check that it runs, and the setting MIDDLEWARE_URL."),
        OperationCanceledException => new Fault("The middleware does not answer.", "Try again; if it stays so, look at its health."),
        _ => null,
    };

    private static string? RemedyOf(AspireIntegrationException refusal) => refusal.StatusCode switch
    {
        HttpStatusCode.Forbidden => "Ask an administrator for a key with the scope that is named.",
        HttpStatusCode.PreconditionFailed => "Somebody changed it meanwhile. Load the page again, then change it.",
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => refusal.RetryAfter is { } wait ? $"Try again in {Math.Ceiling(wait.TotalSeconds)} s." : "Try again in a moment.",
        _ => null,
    };
}
