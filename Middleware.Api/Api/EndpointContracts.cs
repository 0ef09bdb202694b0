using System.ComponentModel.DataAnnotations;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>A webhook endpoint. Its <c>ETag</c> is its version.</summary>
public sealed record EndpointItem
{
    /// <summary><c>default</c>, the name under which it is declared in the configuration, or <c>ep_</c> and 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// <c>api</c>: registered here. <c>configuration</c>: declared in the section Endpoints of the configuration. <c>built_in</c>: from
    /// EXTERNAL_ENDPOINT_URL. The last two are enabled and disabled here, and else changed where they come from.
    /// </summary>
    [OneOf<EndpointOrigin>]
    public required string Origin { get; init; }

    /// <summary>Where its deliveries are sent.</summary>
    public required string Url { get; init; }

    /// <summary>False: its events wait for it and nothing is sent.</summary>
    public required bool Enabled { get; init; }

    /// <summary>
    /// <c>operator</c>: disabled here. <c>gone</c>: it answered 410. <c>failing</c>: it failed for AUTO_DISABLE_AFTER without one success.
    /// <c>configuration</c>: the configuration says so, or declares it no more. Null while it is enabled.
    /// </summary>
    [OneOf<DisabledReason>]
    public required string? DisabledReason { get; init; }

    /// <summary>Which events it hears of.</summary>
    public required FilterContract Filter { get; init; }

    /// <summary>How fast its deliveries are sent at most; null for no limit.</summary>
    public required RateLimitContract? RateLimit { get; init; }

    /// <summary>How many deliveries run at once.</summary>
    public required int Workers { get; init; }

    /// <summary>The number of deliveries that may wait before <c>when_full</c> decides.</summary>
    public required int QueueSize { get; init; }

    /// <summary><c>park</c> or <c>reject</c>.</summary>
    [OneOf<WhenFull>]
    public required string WhenFull { get; init; }

    /// <summary>Of one try.</summary>
    [RegularExpression(Patterns.Duration)]
    public required string Timeout { get; init; }

    /// <summary>Tries after the first, in the fast tier.</summary>
    public required int MaxRetries { get; init; }

    /// <summary>The first pause between two tries; each other is twice the one before.</summary>
    [RegularExpression(Patterns.Duration)]
    public required string BaseDelay { get; init; }

    /// <summary>When a dead letter is tried again by itself.</summary>
    [RegularExpression(Patterns.Duration)]
    public required IReadOnlyList<string> RedeliverySchedule { get; init; }

    /// <summary>How events are gathered into one request; null for one event a request.</summary>
    public required BatchContract? Batch { get; init; }

    /// <summary><c>native</c> or <c>cloudevents</c>.</summary>
    [OneOf<DeliveryFormat>]
    public required string Format { get; init; }

    /// <summary>The endpoint that hears of an event when the redelivery schedule is spent; null for none.</summary>
    public required string? FallbackEndpointId { get; init; }

    /// <summary>The names of the headers that are sent beside our own; their values may be credentials and are not shown.</summary>
    public required IReadOnlyList<string> HeaderNames { get; init; }

    /// <summary>True when deliveries are signed.</summary>
    public required bool IsSigned { get; init; }

    /// <summary>The secret that deliveries are signed with: shown when it is made, and never again.</summary>
    public string? Secret { get; init; }

    /// <summary>How it is at this moment.</summary>
    public required EndpointHealthContract Health { get; init; }

    /// <summary>When it was registered or declared; UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When it was changed last; UTC.</summary>
    public required DateTime ChangedAt { get; init; }
}

/// <summary>So many deliveries a second on average.</summary>
/// <param name="PerSecond">0.1-100,000.</param>
/// <param name="Burst">So many at once after a pause, 1-100,000.</param>
public sealed record RateLimitContract(double PerSecond, int Burst);

/// <summary>How events are gathered into one request.</summary>
/// <param name="MaxSize">So many events at most, 1-1,000.</param>
/// <param name="MaxWait">How long the first of them waits for others at most, 0s-1m.</param>
public sealed record BatchContract(int MaxSize, string MaxWait);
