namespace Middleware.Domain;

/// <summary>How the events for an endpoint are gathered into one request.</summary>
/// <param name="MaxSize">How many at most, 1-1,000.</param>
/// <param name="MaxWait">How long the first of a batch waits for others at most, 0 s to 1 min; others that come do not prolong it.</param>
internal sealed record BatchPlan(int MaxSize, TimeSpan MaxWait)
{
    public const int LargestSize = 1_000;

    /// <summary>A batch of so many bytes of payload goes as it is, one event more or less.</summary>
    public const int FullBytes = 4 << 20;
}
