using System.Text.RegularExpressions;
using Middleware;
using Tests.Words;

namespace Tests.Deployment;

/// <summary>The names of all settings: those of the program, and those in the tables of <c>docs/settings.md</c>.</summary>
internal static partial class SettingNames
{
    private const string Suffix = "_FILE";

    private static readonly HashSet<string> Known = [.. Setting.All.Select(static setting => setting.Name), .. Documented()];

    /// <summary>True for a setting, a setting as a file, and a member of an endpoint that the configuration declares.</summary>
    public static bool Exists(string name) =>
        Known.Contains(name) || (name.EndsWith(Suffix, StringComparison.Ordinal) && Known.Contains(name[..^Suffix.Length])) || Declared().IsMatch(name);

    private static IEnumerable<string> Documented() =>
        from line in File.ReadLines(Path.Combine(Prose.Root, "docs", "settings.md"))
        where line.StartsWith("| `", StringComparison.Ordinal)
        from Match name in Quoted().Matches(line.Split('|')[1])
        select name.Groups[1].Value;

    [GeneratedRegex("`([A-Za-z_]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("^Endpoints__[a-z0-9-]+__[a-z_]+$")]
    private static partial Regex Declared();
}
