using System.Text.RegularExpressions;

namespace Tests.Words;

/// <summary>
/// The rules of prose that can be counted. A sentence ends at a full stop, a question mark or an exclamation mark before a blank, and with
/// its paragraph. A word is a text between blanks with a letter or a digit.
/// </summary>
internal static class Prose
{
    public const int MostWords = 25;

    private const string Forbidden =
        @"\b(tell|tells|told|hears? of|heard of|what (came|comes?|became|becomes?) of|whoever|whomever|somebody|tries|(a|each|every|one|the) try)\b";

    public static readonly string Root = FindRoot();

    public static bool HasForbidden(string text) => Regex.IsMatch(text, Forbidden, RegexOptions.IgnoreCase);

    public static IEnumerable<string> Sentences(string text) =>
        Regex.Split(text, @"\n\s*\n|(?<=[.!?][""')*]*)\s+").Select(static sentence => sentence.ReplaceLineEndings(" "));

    public static int WordsIn(string sentence) => sentence.Split((char[]?)null).Count(static word => word.Any(char.IsLetterOrDigit));

    /// <summary>The sentences that are too long, each after the number of its words.</summary>
    public static IEnumerable<string> TooLong(string text) =>
        from sentence in Sentences(text)
        let words = WordsIn(sentence)
        where words > MostWords
        select $"{words}: {sentence}";

    /// <summary>The files of some folders of the repository, by their paths in it.</summary>
    public static IEnumerable<string> Files(string pattern, params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories))
        .Select(static path => Path.GetRelativePath(Root, path).Replace('\\', '/'));

    /// <summary>Shows all faults whole, which <c>Assert.Empty</c> cuts.</summary>
    public static void AssertNone(IEnumerable<string> faults)
    {
        var all = string.Join('\n', faults);
        Assert.True(all.Length == 0, all);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AspireIntegration.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("AspireIntegration.sln is in no folder above the tests.");
    }
}
