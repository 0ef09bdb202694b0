namespace AspireIntegration.Console.Layout;

/// <summary>A page in the navigation.</summary>
/// <param name="Key">The letter that opens it.</param>
/// <param name="Path">The path.</param>
/// <param name="Name">The name.</param>
/// <param name="Icon">The name of its icon.</param>
/// <param name="Scopes">The scopes of which one is needed; none for everybody.</param>
public sealed record ConsoleLink(char Key, string Path, string Name, string Icon, params string[] Scopes)
{
    private static readonly string[] Readers = ["events:read", "payloads:read"];

    /// <summary>The page of a path, with the pages below it.</summary>
    public static ConsoleLink? Of(string path) => All.FirstOrDefault(page =>
        path.Equals(page.Path, StringComparison.OrdinalIgnoreCase) || (page.Path != "/" && path.StartsWith(page.Path + "/", StringComparison.OrdinalIgnoreCase)));

    /// <summary>All pages in their order.</summary>
    public static IReadOnlyList<ConsoleLink> All { get; } =
    [
        new('o', "/", "Overview", "home"),
        new('e', "/events", "Events", "list", Readers),
        new('p', "/endpoints", "Endpoints", "target", [.. Readers, "endpoints:write", "operate"]),
        new('d', "/dead-letters", "Dead letters", "warning", Readers),
        new('r', "/replays", "Replays", "repeat", [.. Readers, "operate"]),
        new('f', "/filters", "Filters", "filter", "operate", "endpoints:write"),
        new('l', "/live", "Live", "pulse", Readers),
        new('k', "/keys", "Keys", "key", "admin"),
        new('a', "/audit", "Audit", "book", "admin"),
        new('s', "/settings", "Settings", "gear", "operate", "admin"),
    ];
}
