namespace Middleware.Storage.Sql;

/// <summary>Ends the page of a walk. The walk looks for one item more than the page holds, to know whether there is another page.</summary>
internal static class WalkEnd
{
    /// <summary>
    /// The places of the page's items, and the place to go on. That is after the last of them, or at the row where the walk stopped for its cost.
    /// </summary>
    public static (List<long> Found, long? Next) EndPage(this List<long> found, int limit, long? stoppedAt) =>
        found.Count > limit ? (found[..limit], found[limit - 1]) : (found, stoppedAt);
}
