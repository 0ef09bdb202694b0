using System.Collections.Immutable;

namespace Middleware.Telemetry;

/// <summary>The reasons for which events are refused: the values of the label <c>reason</c> of <c>integration.events.rejected</c>.</summary>
internal static class RejectReason
{
    /// <summary>400.</summary>
    public const string Invalid = "invalid";

    /// <summary>401.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>403.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>408: the body came too slowly.</summary>
    public const string TooSlow = "too_slow";

    /// <summary>413.</summary>
    public const string TooLarge = "too_large";

    /// <summary>415.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>422.</summary>
    public const string KeyReused = "key_reused";

    /// <summary>429: more than <c>RATE_LIMIT</c> or <c>GLOBAL_RATE_LIMIT</c>.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>503: every endpoint it matches is full and rejects.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>503: the bodies of the requests under way take all the room there is.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>503: too many events wait to be written.</summary>
    public const string StoreBusy = "store_busy";

    /// <summary>503.</summary>
    public const string StoreUnavailable = "store_unavailable";

    /// <summary>500: a defect.</summary>
    public const string Error = "error";

    public static readonly ImmutableArray<string> All =
        [Invalid, Unauthorized, Forbidden, TooSlow, TooLarge, UnsupportedMediaType, KeyReused, RateLimited, QueueFull, Overloaded, StoreBusy, StoreUnavailable, Error];
}
