namespace Middleware.Events;

/// <summary>The beginning and the size of a page.</summary>
/// <param name="Before">The place of the last page's end; <see cref="long.MaxValue"/> for the newest.</param>
/// <param name="Limit">The most items of the page.</param>
internal readonly record struct PageRequest(long Before, int Limit);

/// <summary>A page of results, newest first.</summary>
/// <param name="Items">Fewer than asked for, or none, when the search was ended for its cost.</param>
/// <param name="Next">The place of the next page; null for the last page.</param>
internal sealed record HistoryPage<T>(IReadOnlyList<T> Items, long? Next);

/// <summary>An answer, or a part of it, that may be large.</summary>
internal interface IHeldAnswer
{
    /// <summary>The memory that it takes at most while it is written.</summary>
    long Bytes { get; }
}
