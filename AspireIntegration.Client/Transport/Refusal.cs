using System.Text.Json;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Transport;

/// <summary>Problem details (RFC 9457) as the service answers them.</summary>
internal sealed record Problem
{
    public string? Type { get; init; }

    public string? Title { get; init; }

    public int? Status { get; init; }

    public string? Detail { get; init; }

    public string? Instance { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }

    public string? CorrelationId { get; init; }

    public string? TraceId { get; init; }
}

/// <summary>Reads refusals.</summary>
internal static class Refusal
{
    /// <summary>Reads the refusal in an answer. A proxy may refuse by a page of its own, of which only the status is read.</summary>
    public static async Task<AspireIntegrationException> ReadAsync(HttpResponseMessage answer, TimeProvider clock, CancellationToken cancellationToken)
    {
        var problem = await ProblemAsync(answer, cancellationToken).ConfigureAwait(false);
        return new AspireIntegrationException(
            answer.StatusCode,
            problem.Title ?? answer.ReasonPhrase ?? "Refused",
            problem.Detail)
        {
            Type = problem.Type,
            Errors = problem.Errors ?? new Dictionary<string, IReadOnlyList<string>>(),
            CorrelationId = problem.CorrelationId ?? (answer.Headers.TryGetValues("X-Correlation-ID", out var ids) ? ids.FirstOrDefault() : null),
            TraceId = problem.TraceId,
            RetryAfter = RetryAfter(answer, clock),
        };
    }

    /// <summary>The time to wait before the next attempt, whether it is given in seconds or as a date; null without one.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, TimeProvider clock) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - clock.GetUtcNow() is { Ticks: > 0 } rest ? rest : TimeSpan.Zero,
        _ => null,
    };

    private static async Task<Problem> ProblemAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
        {
            return new Problem();
        }

        try
        {
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(body, ClientJson.Default.Problem) ?? new Problem();
        }
        catch (JsonException)
        {
            // The status says enough: the refusal counts, not its text.
            return new Problem();
        }
    }
}
