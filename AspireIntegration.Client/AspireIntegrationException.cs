using System.Net;

namespace AspireIntegration.Client;

/// <summary>A refusal of the service, or of a proxy before it. A network fault is an <see cref="HttpRequestException"/>.</summary>
public sealed class AspireIntegrationException : Exception
{
    /// <summary>Makes a refusal.</summary>
    public AspireIntegrationException(HttpStatusCode statusCode, string title, string? detail = null)
        : base(detail is null ? $"{(int)statusCode} {title}" : $"{(int)statusCode} {title}: {detail}") =>
        (StatusCode, Title, Detail) = (statusCode, title, detail);

    /// <summary>The status of the answer.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The URI of the kind of problem; null without one.</summary>
    public string? Type { get; init; }

    /// <summary>The kind of problem, for people.</summary>
    public string Title { get; }

    /// <summary>The problem, for people; null without one.</summary>
    public string? Detail { get; }

    /// <summary>All faults, under the name of the field, parameter or header, or under <c>body</c>; empty without them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The correlation id, by which the service's log has the request; null without one.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The id of the trace; null where the answer has none.</summary>
    public string? TraceId { get; init; }

    /// <summary>The time to wait before the next attempt; null without one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The refusal with its faults and its correlation id.</summary>
    public override string Message =>
        base.Message
        + string.Concat(Errors.Select(static error => $"\n{error.Key}: {string.Join("; ", error.Value)}"))
        + (CorrelationId is null ? "" : $"\n(correlation id {CorrelationId})");
}
