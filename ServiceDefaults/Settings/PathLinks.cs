namespace ServiceDefaults.Settings;

/// <summary>Follows the links of a path.</summary>
public static class PathLinks
{
    /// <summary>More links than any mount has: a circle of links has no end.</summary>
    private const int MostLinks = 40;

    /// <summary>An absolute path without links. The framework resolves the last part alone, and a mount has its link in the middle.</summary>
    public static string Resolve(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var (resolved, links) = (root, 0);
        var left = new Stack<string>(Parts(path[root.Length..]));
        while (left.TryPop(out var part))
        {
            var next = part == ".." ? Path.GetDirectoryName(resolved) ?? root : Path.Join(resolved, part);
            if (part == ".." || new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException("too many links");
            }

            resolved = Path.IsPathRooted(target) ? root : resolved;
            foreach (var name in Parts(target[(Path.IsPathRooted(target) ? Path.GetPathRoot(target)!.Length : 0)..]))
            {
                left.Push(name);
            }
        }

        return resolved;
    }

    /// <summary>The last part first.</summary>
    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(static part => part != ".").Reverse();
}
