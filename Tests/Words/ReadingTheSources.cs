using System.Text.RegularExpressions;

namespace Tests.Words;

/// <summary>
/// The rules of prose for the comments of each folder of the products. A comment is a run of lines that begin with slashes. Elements such as a
/// summary are texts of their own; a reference is the last part of its name, and code is one word.
/// </summary>
public sealed partial class ReadingTheSources
{
    public static TheoryData<string> Folders =>
    [
        .. Prose.Files("*.cs", "AppHost", "AspireIntegration.Client", "ExternalAlerts.Api", "Middleware.Api", "ServiceDefaults")
            .Select(static file => Path.GetDirectoryName(file)!.Replace('\\', '/')).Distinct().Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_summary_begins_with_a_verb_or_a_noun(string folder) =>
        AssertNone(folder, static comment => Summaries(comment).Where(static summary => BadStart().IsMatch(summary)));

    [Fact]
    public void No_summary_of_tests_and_benchmarks_begins_with_a_question() => Prose.AssertNone(
        from path in Prose.Files("*.cs", "Tests", "bench", "eng")
        where !path.Contains("/obj/", StringComparison.Ordinal)
        from summary in Comments(Path.Combine(Prose.Root, path)).SelectMany(Summaries)
        where Question().IsMatch(summary)
        select $"{path}: {summary}");

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_sentence_of_a_comment_has_at_most_25_words(string folder) => AssertNone(folder, static comment => Texts(comment).SelectMany(Prose.TooLong));

    [Theory]
    [MemberData(nameof(Folders))]
    public void No_phrase_of_a_comment_is_forbidden(string folder) => AssertNone(folder, static comment => Texts(comment).Where(Prose.HasForbidden));

    private static void AssertNone(string folder, Func<string, IEnumerable<string>> faultsOf) => Prose.AssertNone(
        from path in Directory.EnumerateFiles(Path.Combine(Prose.Root, folder), "*.cs")
        from fault in Comments(path).SelectMany(faultsOf)
        select $"{Path.GetFileName(path)}: {fault}");

    /// <summary>The runs of comment lines of a file, without their slashes and indents.</summary>
    private static IEnumerable<string> Comments(string path)
    {
        var comment = "";
        foreach (var line in File.ReadLines(path).Append(""))
        {
            if (line.TrimStart() is ['/', '/', .. var text])
            {
                comment += $"{text.TrimStart('/').Trim()}\n";
            }
            else if (comment.Length > 0)
            {
                yield return Plain(comment);
                comment = "";
            }
        }
    }

    private static string Plain(string comment) => Code().Replace(Reference().Replace(comment, "$1"), "code");

    private static IEnumerable<string> Texts(string comment) => Tag().Split(comment).Select(static text => text.Trim());

    private static IEnumerable<string> Summaries(string comment) => Summary().Matches(comment).Select(static match => match.Groups[1].Value.Trim());

    [GeneratedRegex(@"^(What|Who|How|Tells|Says|Where|When|Why|Whether|Which)\b")]
    private static partial Regex BadStart();

    [GeneratedRegex(@"^(What|Who|How|Tells|Says)\b")]
    private static partial Regex Question();

    [GeneratedRegex(@"<(?:see|paramref|typeparamref) (?:cref|name|langword)=""(?:[^""]*\.)?([^""]*)""\s*/>")]
    private static partial Regex Reference();

    [GeneratedRegex("<c>.*?</c>", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("</?(?:summary|remarks|returns|param|exception|content|inheritdoc)[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("<summary>(.*?)</summary>", RegexOptions.Singleline)]
    private static partial Regex Summary();
}
