namespace Middleware.Domain;

/// <summary>
/// What the filters that judge one event may cost, in steps. Each has some for itself, so that none is left without by another; beyond
/// them it may take a quarter of what is left of a common rest, which is larger for a larger event.
/// </summary>
internal struct FilterBudget(int payloadBytes)
{
    /// <summary>What each filter has for itself: enough for some hundred comparisons of names.</summary>
    public const int OfEach = 1_000;

    /// <summary>The common rest of the smallest event.</summary>
    public const int CommonAtLeast = 250_000;

    /// <summary>The common rest of the largest event.</summary>
    public const int CommonAtMost = 32_000_000;

    private const long CommonForByte = 32;

    private long _common = Math.Min(CommonAtMost, CommonAtLeast + (CommonForByte * payloadBytes));

    /// <summary>What the next filter may cost.</summary>
    public readonly long OfNext => OfEach + (_common / 4);

    /// <summary>Takes what a filter cost.</summary>
    public void Take(long steps) => _common -= Math.Max(0, steps - OfEach);
}
