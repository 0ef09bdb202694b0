namespace Middleware.Storage.Sqlite;

/// <summary>
/// How many requests the next group will likely have, judged by the last ones: it doubles while the requests come in time and falls
/// to what came when they do not. A caller that sends one event after the other is never kept waiting.
/// </summary>
internal sealed class GroupSize
{
    /// <summary>How long the writer waits for a group to fill.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    private const int Largest = 256;

    // How many groups keep the size that was found before a larger one is tried.
    private const int GroupsBeforeGrowth = 16;

    private int _groupsAtSize;

    /// <summary>1 when there is no load worth waiting for.</summary>
    public int Expected { get; private set; } = 1;

    /// <summary>Learns from a group that was taken after waiting for <see cref="Expected"/> requests.</summary>
    public void Note(int accepts)
    {
        if (accepts < Expected)
        {
            (Expected, _groupsAtSize) = (Math.Max(1, accepts), 0);
        }
        else if (++_groupsAtSize >= GroupsBeforeGrowth || accepts >= Expected * 2)
        {
            (Expected, _groupsAtSize) = (Math.Min(Largest, Math.Max(2, accepts)), 0);
            Expected += Expected / 2;
        }
    }
}
