using System.Text.RegularExpressions;

namespace Tests.Words;

/// <summary>
/// The rules of prose for each document. A sentence also ends with its list item. A code span is one word, a link is its text. Code blocks, tables
/// and headings have no sentences. Tables and headings have no forbidden phrase either.
/// </summary>
public sealed class ReadingTheDocuments
{
    private const int MostLinesOfADecision = 60;

    public static TheoryData<string> Documents => [.. Prose.Files("*.md", "docs", "deploy").Append("README.md").Append("SECURITY.md").Append("AspireIntegration.Client/README.md").Order(StringComparer.Ordinal)];

    public static TheoryData<string> Decisions => [.. Prose.Files("*.md", "docs/decisions").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_sentence_has_at_most_25_words(string document) => Prose.AssertNone(Prose.TooLong(TextOf(document)));

    [Theory]
    [MemberData(nameof(Documents))]
    public void No_phrase_is_forbidden(string document) => Prose.AssertNone(Lines(document).Select(Plain).Where(Prose.HasForbidden));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file_and_a_heading_of_it(string document) =>
        Prose.AssertNone(Regex.Matches(string.Join('\n', Lines(document)), @"\]\(([^)\s]+)\)")
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

    private static bool LeadsSomewhere(string document, string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
        var path = Path.Combine(Prose.Root, target);
        return parts.Length == 1 ? Path.Exists(path) : File.Exists(path) && Anchors(target).Contains(parts[1]);
    }

    /// <summary>The headings as GitHub names them in links.</summary>
    private static IEnumerable<string> Anchors(string document) => Lines(document)
        .Where(static line => line.StartsWith('#'))
        .Select(static line => Regex.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-'));

    private static string TextOf(string document) => Plain(string.Join(
        '\n', Lines(document).Select(static line => Regex.IsMatch(line, @"^\s*[#|]") ? "" : Regex.Replace(line, @"^\s*([-*]|\d+\.) ", "\n"))));

    private static string Plain(string text) => Regex.Replace(Regex.Replace(text, "`[^`]*`", "code"), @"!?\[([^\]]*)\]\([^)]*\)", "$1");

    /// <summary>The lines, those of code blocks left blank.</summary>
    private static string[] Lines(string document)
    {
        var isCode = false;
        return [.. File.ReadLines(Path.Combine(Prose.Root, document)).Select(line =>
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            isCode ^= isFence;
            return isCode || isFence ? "" : line;
        })];
    }
}
