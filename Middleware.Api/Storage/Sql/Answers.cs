using System.Runtime.InteropServices;

namespace Middleware.Storage.Sql;

/// <summary>
/// Continues requests after their commit, on the thread pool and some in a row on each of its threads. A work item for each request would cost more
/// than many of them.
/// </summary>
internal sealed class Answers : IThreadPoolWorkItem
{
    private const int InARow = 16;

    private readonly AcceptItem[] _items;

    private Answers(AcceptItem[] items) => _items = items;

    /// <summary>Answers with the results of their transactions, or with a refusal.</summary>
    public static void Send(List<AcceptItem> items)
    {
        for (var first = 0; first < items.Count; first += InARow)
        {
            AcceptItem[] row = [.. CollectionsMarshal.AsSpan(items).Slice(first, Math.Min(InARow, items.Count - first))];
            ThreadPool.UnsafeQueueUserWorkItem(new Answers(row), preferLocal: false);
        }
    }

    public void Execute()
    {
        foreach (var item in _items)
        {
            if (item.Refusal is { } refusal)
            {
                item.SetException(refusal);
            }
            else
            {
                item.SetResult(item.Result!.Value);
            }
        }
    }
}
