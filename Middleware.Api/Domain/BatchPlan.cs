namespace Middleware.Domain;

/// <summary>How events are gathered into one request.</summary>
/// <param name="MaxSize">So many events at most, 1-1,000.</param>
/// <param name="MaxWait">How long the first of them waits for others at most, 0s-1m.</param>
internal sealed record BatchPlan(int MaxSize, TimeSpan MaxWait)
{
    public const int LargestSize = 1_000;

    /// <summary>A batch of so many bytes of payload goes as it is, one event more or less.</summary>
    public const int FullBytes = 4 << 20;
}
