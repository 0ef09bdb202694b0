namespace Middleware.Events;

/// <summary>Where a page begins and how much it holds.</summary>
/// <param name="Before">The place of the last page's end; <see cref="long.MaxValue"/> for the newest.</param>
/// <param name="Limit">How many items it holds at most.</param>
internal readonly record struct PageRequest(long Before, int Limit);

/// <summary>What was found, newest first.</summary>
/// <param name="Items">Fewer than asked for, or none, when the search was ended for its cost.</param>
/// <param name="Next">Where to go on; null when there is nothing more.</param>
internal sealed record HistoryPage<T>(IReadOnlyList<T> Items, long? Next);
