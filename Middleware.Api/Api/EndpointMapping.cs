using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Domain;
using Middleware.UseCases;
using ServiceDefaults.Settings;

namespace Middleware.Api;

/// <summary>From an endpoint to what is answered, and its version to an <c>ETag</c> (RFC 9110).</summary>
internal static class EndpointMapping
{
    public static EndpointItem ToAnswer(this RegisteredEndpoint registered, EndpointHealth health) => registered.Endpoint.ToAnswer(registered, health);

    /// <summary>A page of what was found: one more than its limit tells that there is another.</summary>
    public static ListPage<EndpointItem> ToAnswer(this IReadOnlyList<RegisteredEndpoint> found, int limit, ReadHealth health) => new(
        [.. found.Take(limit).Select(known => known.ToAnswer(health.Execute(known.Endpoint)))],
        found.Count > limit ? Cursor.Write(EndpointPlace.Of(found[limit - 1].Endpoint)) : null);

    /// <summary>200 with an endpoint and its <c>ETag</c>.</summary>
    public static Ok<EndpointItem> Answer(this HttpContext context, RegisteredEndpoint endpoint, ReadHealth health)
    {
        context.Response.Headers.ETag = endpoint.ETag();
        return TypedResults.Ok(endpoint.ToAnswer(health.Execute(endpoint.Endpoint)));
    }

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

    /// <summary>A change of an endpoint, in which what is shown of it may come back, and the secret that was shown once.</summary>
    public static RequestReader ChangeOf(this EndpointItem shown, WebhookEndpoint endpoint, JsonElement given, bool isPatch)
    {
        var isItsSecret = endpoint.Secrets is { } secrets && given.TryGetProperty("secret", out var secret)
            && secret.ValueKind == JsonValueKind.String && JsonBody.Decode(secret) == secrets.Current.Reveal();
        return new RequestReader(given, new Dictionary<string, string[]>())
        {
            IsPatch = isPatch,
            Shown = JsonSerializer.SerializeToElement(shown, HistoryJson.Default.EndpointItem),

            // Its health was another when it was shown.
            PassedOver = [.. isPatch ? (string[])[] : ["health"], .. isItsSecret ? (string[])["secret"] : []],
        };
    }

    public static string ETag(this RegisteredEndpoint registered) => string.Create(CultureInfo.InvariantCulture, $"\"{registered.Version}\"");

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
        WhenFull = endpoint.Queue.WhenFull.Name(),
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
