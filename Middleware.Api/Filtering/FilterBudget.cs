namespace Middleware.Filtering;

/// <summary>
/// The steps that the filters of one event may cost together. Each filter has an allowance of its own, so that no other one uses it up. Beyond it a
/// filter may take a quarter of a common rest, which grows with the event.
/// </summary>
internal struct FilterBudget(int payloadBytes)
{
    /// <summary>The allowance of each filter beside the cost of its expression's length: a hundred patterns of names.</summary>
    public const int OfEach = 2_000;

    /// <summary>The common rest of the smallest event.</summary>
    public const int CommonAtLeast = 250_000;

    /// <summary>The common rest of the largest event.</summary>
    public const int CommonAtMost = 32_000_000;

    private const long CommonForByte = 32;

    private long _common = Math.Min(CommonAtMost, CommonAtLeast + (CommonForByte * payloadBytes));

    /// <summary>The steps that a filter may cost now.</summary>
    public readonly long For(EventFilter filter) => Allowance(filter) + (_common / 4);

    /// <summary>Takes the steps that a filter did cost.</summary>
    public void Take(EventFilter filter, long steps) => _common -= Math.Max(0, steps - Allowance(filter));

    private static long Allowance(EventFilter filter) => OfEach + filter.OwnSteps;
}
