using System.Text.RegularExpressions;

namespace Tests.Words;

/// <summary>
/// The rules of prose that can be counted, for each document. A sentence ends at a full stop, a question mark or an exclamation mark before a
/// blank, and with its paragraph or list item. A word is what stands between blanks and has a letter or a digit: a code span is one word, a link
/// is its text. Code blocks, tables and headings have no sentences; forbidden phrases are looked for in tables and headings too.
/// </summary>
public sealed class ReadingTheDocuments
{
    private const int MostWords = 25;
    private const int MostLinesOfADecision = 60;
    private const string Forbidden =
        @"\b(tell|tells|told|hears? of|heard of|what (came|comes?|became|becomes?) of|whoever|whomever|somebody|tries|(a|each|every|one|the) try)\b";

    private static readonly string Root = FindRoot();

    public static TheoryData<string> Documents => [.. Files("docs", "deploy").Append("README.md").Order(StringComparer.Ordinal)];

    public static TheoryData<string> Decisions => [.. Files("docs/decisions").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_sentence_has_at_most_25_words(string document) =>
        AssertNone(Sentences(document).Where(static sentence => WordsIn(sentence) > MostWords).Select(static sentence => $"{WordsIn(sentence)}: {sentence}"));

    [Theory]
    [MemberData(nameof(Documents))]
    public void No_phrase_is_forbidden(string document) =>
        AssertNone(Lines(document).Select(Plain).Where(static line => Regex.IsMatch(line, Forbidden, RegexOptions.IgnoreCase)));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file_and_a_heading_of_it(string document) =>
        AssertNone(Regex.Matches(string.Join('\n', Lines(document)), @"\]\(([^)\s]+)\)")
            .Select(static link => link.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !LeadsSomewhere(document, link)));

    [Theory]
    [MemberData(nameof(Decisions))]
    public void A_decision_has_its_four_headings_in_order_on_a_page(string document)
    {
        var lines = Lines(document);

        Assert.Equal(["## Status", "## Context", "## Decision", "## Consequences"], lines.Where(static line => line.StartsWith("##", StringComparison.Ordinal)));
        Assert.Matches(@"## Status\n\n(Accepted\.|Superseded by )", string.Join('\n', lines));
        Assert.InRange(lines.Length, 1, MostLinesOfADecision);
    }

    /// <summary>Shows all faults whole, which <c>Assert.Empty</c> cuts.</summary>
    private static void AssertNone(IEnumerable<string> faults)
    {
        var all = string.Join('\n', faults);
        Assert.True(all.Length == 0, all);
    }

    private static bool LeadsSomewhere(string document, string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
        var path = Path.Combine(Root, target);
        return parts.Length == 1 ? Path.Exists(path) : File.Exists(path) && Anchors(target).Contains(parts[1]);
    }

    /// <summary>The headings as GitHub names them in links.</summary>
    private static IEnumerable<string> Anchors(string document) => Lines(document)
        .Where(static line => line.StartsWith('#'))
        .Select(static line => Regex.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-'));

    private static IEnumerable<string> Sentences(string document)
    {
        var prose = Lines(document).Select(static line => Regex.IsMatch(line, @"^\s*[#|]") ? "" : Regex.Replace(line, @"^\s*([-*]|\d+\.) ", "\n"));
        return Regex.Split(Plain(string.Join('\n', prose)), @"\n\s*\n|(?<=[.!?][""')*]*)\s+").Select(static sentence => sentence.ReplaceLineEndings(" "));
    }

    private static string Plain(string text) => Regex.Replace(Regex.Replace(text, "`[^`]*`", "code"), @"!?\[([^\]]*)\]\([^)]*\)", "$1");

    private static int WordsIn(string sentence) => sentence.Split((char[]?)null).Count(static word => word.Any(char.IsLetterOrDigit));

    /// <summary>The lines, those of code blocks left blank.</summary>
    private static string[] Lines(string document)
    {
        var isCode = false;
        return [.. File.ReadLines(Path.Combine(Root, document)).Select(line =>
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            isCode ^= isFence;
            return isCode || isFence ? "" : line;
        })];
    }

    private static IEnumerable<string> Files(params string[] folders) => folders
        .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md", SearchOption.AllDirectories))
        .Select(static path => Path.GetRelativePath(Root, path).Replace('\\', '/'));

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
