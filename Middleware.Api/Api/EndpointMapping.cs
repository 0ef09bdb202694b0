using System.Globalization;
using Middleware.Domain;
using Middleware.UseCases;
using ServiceDefaults.Settings;

namespace Middleware.Api;

/// <summary>From an endpoint to what is answered, and its version to an <c>ETag</c> (RFC 9110) and back.</summary>
internal static class EndpointMapping
{
    public static EndpointItem ToAnswer(this RegisteredEndpoint registered, EndpointHealth health) => registered.Endpoint.ToAnswer(registered, health);

    /// <summary>A page of what was found: one more than its limit tells that there is another.</summary>
    public static ListPage<EndpointItem> ToAnswer(this IReadOnlyList<RegisteredEndpoint> found, int limit, ReadHealth health) => new(
        [.. found.Take(limit).Select(known => known.ToAnswer(health.Execute(known.Endpoint)))],
        found.Count > limit ? Cursor.Write(EndpointPlace.Of(found[limit - 1].Endpoint)) : null);

    public static EndpointHealthContract ToAnswer(this EndpointHealth health) => new()
    {
        State = health.State.Name(),
        Circuit = health.Circuit.Name(),
        SuccessRate = health.Tries.SuccessRate,
        ConsecutiveFailures = health.Tries.FailuresInARow,
        P95Ms = health.Tries.P95?.TotalMilliseconds,
        Waiting = health.Waiting,
        OldestWaitingS = (long?)health.OldestWaiting?.TotalSeconds,
    };

    public static string ETag(this RegisteredEndpoint registered) => string.Create(CultureInfo.InvariantCulture, $"\"{registered.Version}\"");

    /// <summary>The version that <c>If-Match</c> names; null for <c>*</c>. False when it is not given or names none of ours.</summary>
    public static bool TryReadIfMatch(HttpRequest request, out long? version)
    {
        var given = request.Headers.IfMatch is [{ } only] ? only.Trim() : "";
        version = given is ['"', .. var digits, '"'] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return version is not null || given == "*";
    }

    private static EndpointItem ToAnswer(this WebhookEndpoint endpoint, RegisteredEndpoint registered, EndpointHealth health) => new()
    {
        Id = endpoint.Id.Value,
        Name = endpoint.Name,
        Origin = endpoint.Origin.Name(),
        Url = endpoint.Url.OriginalString,
        Enabled = endpoint.IsEnabled,
        DisabledReason = endpoint.Disabled?.Name(),
        Filter = endpoint.Filter.ToContract(),
        RateLimit = endpoint.RateLimit is { } rate ? new RateLimitContract(rate.PerSecond, rate.Burst) : null,
        Workers = endpoint.Workers,
        QueueSize = endpoint.Queue.Size,
        WhenFull = endpoint.Queue.WhenFull == WhenFull.Park ? "park" : "reject",
        Timeout = Duration.Format(endpoint.Retries.Timeout),
        MaxRetries = endpoint.Retries.MaxRetries,
        BaseDelay = Duration.Format(endpoint.Retries.BaseDelay),
        RedeliverySchedule = [.. endpoint.Redelivery.Delays.Select(Duration.Format)],
        Batch = endpoint.Batch is { } batch ? new BatchContract(batch.MaxSize, Duration.Format(batch.MaxWait)) : null,
        Format = endpoint.Format.Name(),
        FallbackEndpointId = endpoint.FallbackId?.Value,
        HeaderNames = [.. endpoint.Headers.All.Select(static header => header.Key)],
        IsSigned = endpoint.Secrets is not null,
        Health = health.ToAnswer(),
        CreatedAt = registered.CreatedAt.UtcDateTime,
        ChangedAt = registered.ChangedAt.UtcDateTime,
    };
}
