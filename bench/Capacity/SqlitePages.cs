namespace Bench.Capacity;

/// <summary>
/// The room that a row of <c>events</c> takes in SQLite's pages of 4 KiB. A page holds whole rows, so a body of a little more than 2 KiB takes a page for itself.
/// https://sqlite.org/fileformat2.html#b_tree_pages
/// </summary>
internal static class SqlitePages
{
    private const int Page = 4096;
    private const int Head = 8;
    private const int Pointer = 2;

    /// <summary>The id, the correlation id, source, type, times and the record's own header: measured, give or take some bytes for names of other lengths.</summary>
    public const int RowBesideBody = 150;

    /// <summary>The number of its key and its length, at the most that they usually take.</summary>
    private const int CellHead = 6;

    /// <summary>The most bytes of a row that has no pages of its own, and the least that stay of another.</summary>
    private const int MostLocal = Page - 35;
    private const int LeastLocal = ((Page - 12) * 32 / 255) - 23;
    private const int Overflow = Page - 4;

    /// <summary>Bytes for a row with a body of so many.</summary>
    public static double BytesOf(double body)
    {
        var row = (int)Math.Ceiling(body) + RowBesideBody;
        var local = LocalOf(row);
        var pages = (row - local + Overflow - 1) / Overflow;
        var cell = local + CellHead + (pages > 0 ? 4 : 0) + Pointer;
        return ((double)Page / ((Page - Head) / cell)) + (pages * (double)Page);
    }

    private static int LocalOf(int row)
    {
        if (row <= MostLocal)
        {
            return row;
        }

        var rest = LeastLocal + ((row - LeastLocal) % Overflow);
        return rest <= MostLocal ? rest : LeastLocal;
    }
}
