using System.Runtime.CompilerServices;

namespace AspireIntegration.Client.Transport;

/// <summary>Walks through all pages of a list.</summary>
internal static class Paging
{
    public static async IAsyncEnumerable<T> AllAsync<T>(
        string? cursor,
        Func<string?, CancellationToken, Task<ListPage<T>>> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await read(cursor, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }
}
