using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>
/// An endpoint as it is to be; what is left out or null is as the service's settings have it.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public record EndpointRequest
{
    private const int MaxNameLength = 128;

    /// <summary>For people.</summary>
    [MaxLength(MaxNameLength), RegularExpression(Patterns.NotBlank)]
    public required string Name { get; init; }

    /// <summary>
    /// Where its deliveries are sent: http or https, without user name, password and fragment, to a public address or one of
    /// <c>ALLOWED_NETWORKS</c>.
    /// </summary>
    [Url, MaxLength(WebhookUrl.MaxLength), RegularExpression(Patterns.Url)]
    public required string Url { get; init; }

    /// <summary>False: its events wait for it and nothing is sent. True when not given.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Which events it hears of; all when not given.</summary>
    public FilterRequest? Filter { get; init; }

    /// <summary>How many deliveries run at once; <c>WORKER_COUNT</c> when not given.</summary>
    [Range(1, EndpointDefaults.MostWorkers)]
    public int? Workers { get; init; }

    /// <summary>How many deliveries may wait before <c>when_full</c> decides; <c>QUEUE_SIZE</c> when not given.</summary>
    [Range(1, EndpointDefaults.LargestQueue)]
    public int? QueueSize { get; init; }

    /// <summary>
    /// <c>park</c>: the rest waits on disk. <c>reject</c>: an event that only such endpoints would hear of is refused. <c>park</c> when not
    /// given.
    /// </summary>
    [OneOf<WhenFull>]
    public string? WhenFull { get; init; }

    /// <summary>Of one try, 10ms to 5m; <c>HTTP_TIMEOUT</c> when not given.</summary>
    [RegularExpression(Patterns.Duration)]
    public string? Timeout { get; init; }

    /// <summary>Tries after the first, in the fast tier; <c>MAX_RETRIES</c> when not given.</summary>
    [Range(0, EndpointDefaults.MostRetries)]
    public int? MaxRetries { get; init; }

    /// <summary>The first pause between two tries, 0s to 1m; each other is twice the one before. <c>BASE_DELAY</c> when not given.</summary>
    [RegularExpression(Patterns.Duration)]
    public string? BaseDelay { get; init; }

    /// <summary>When a dead letter is tried again by itself, each 1ms to 30d; <c>REDELIVERY_SCHEDULE</c> when not given.</summary>
    [MaxLength(EndpointDefaults.LongestSchedule), Each(Pattern = Patterns.Duration)]
    public IReadOnlyList<string>? RedeliverySchedule { get; init; }

    /// <summary>How fast its deliveries are sent at most; no limit when not given.</summary>
    public RateLimitRequest? RateLimit { get; init; }

    /// <summary>How events are gathered into one request; one event a request when not given.</summary>
    public BatchRequest? Batch { get; init; }

    /// <summary>
    /// Headers that are sent beside our own, at most 20 of 8,192 characters in all, in visible ASCII; none that is ours, the body's or the
    /// connection's.
    /// </summary>
    [Each(MaxLength = DeliveryHeaders.MaxValueLength)]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary><c>native</c> or <c>cloudevents</c>; <c>native</c> when not given.</summary>
    [OneOf<DeliveryFormat>]
    public string? Format { get; init; }

    /// <summary>The endpoint that hears of an event when the redelivery schedule is spent; none when not given.</summary>
    [MaxLength(MaxNameLength), RegularExpression(Patterns.NotBlank)]
    public string? FallbackEndpointId { get; init; }
}

/// <summary>So many deliveries a second on average.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public record RateLimitRequest
{
    /// <summary>On average.</summary>
    [Range(Domain.RateLimit.LeastPerSecond, Domain.RateLimit.MostPerSecond)]
    public required double PerSecond { get; init; }

    /// <summary>So many at once after a pause; 1 when not given.</summary>
    [Range(1, Domain.RateLimit.LargestBurst)]
    public int? Burst { get; init; }
}

/// <summary>A JSON merge patch (RFC 7396) of an endpoint: null sets a member back to the service's settings.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EndpointPatch : EndpointRequest
{
    /// <summary>The highest rate of its deliveries; null for no limit.</summary>
    public new RateLimitPatch? RateLimit { get; init; }

    /// <summary>Headers that are sent beside our own; null removes one.</summary>
    [Each(MaxLength = DeliveryHeaders.MaxValueLength, MayBeNull = true)]
    public new IReadOnlyDictionary<string, string?>? Headers { get; init; }
}

/// <summary>A JSON merge patch of a rate limit; a new limit needs its rate.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RateLimitPatch : RateLimitRequest;

/// <summary>How events are gathered into one request.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record BatchRequest
{
    /// <summary>So many events at most; 100 when not given.</summary>
    [Range(1, BatchPlan.LargestSize)]
    public int? MaxSize { get; init; }

    /// <summary>How long the first of them waits for others at most, 0s to 1m; 1s when not given.</summary>
    [RegularExpression(Patterns.Duration)]
    public string? MaxWait { get; init; }
}
