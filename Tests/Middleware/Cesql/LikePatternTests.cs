using System.Text;
using CsCheck;
using Middleware.Cesql.Evaluation;

namespace Tests.Middleware.Cesql;

public class LikePatternTests
{
    // Few characters, so that patterns and values meet often.
    private static readonly Gen<string> Values = Gen.OneOf("a", "b", "%", "_", "\\", "😀").List[0, 12].Select(string.Concat);
    private static readonly Gen<string> Patterns = Gen.OneOf("a", "b", "%", "%", "_", "\\%", "\\_", "\\", "😀").List[0, 9].Select(string.Concat);

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("%", "", true)]
    [InlineData("%%%", "", true)]
    [InlineData("_", "", false)]
    [InlineData("_", "😀", true)]
    [InlineData("__", "😀", false)]
    [InlineData("%_", "", false)]
    [InlineData("%_", "a😀", true)]
    [InlineData("_%_", "a", false)]
    [InlineData("_%_", "ab", true)]
    [InlineData("ab%ba", "aba", false)]
    [InlineData("ab%ba", "abba", true)]
    [InlineData("%aab", "aaab", true)]
    [InlineData("%a_b%", "aaxaxb", true)]
    [InlineData("%ab%ab%", "abab", true)]
    [InlineData("%ab%ab%", "aab", false)]
    [InlineData("a", "A", false)]
    [InlineData("a*", "a*", true)]
    [InlineData("a*", "ab", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("\\%", "%", true)]
    [InlineData("\\%", "a", false)]
    [InlineData("\\%", "\\%", false)]
    [InlineData("\\_%", "_x", true)]
    [InlineData("\\a", "\\a", true)]
    [InlineData("\\", "\\", true)]
    [InlineData("\\\\%", "\\%", true)]
    [InlineData("\\\\%", "\\x", false)]
    [InlineData("a%", "a\nb", true)]
    [InlineData("a_b", "a\nb", true)]
    [InlineData("e\u0301", "\u00e9", false)]
    public void A_pattern_matches_the_whole_value_or_not(string pattern, string value, bool matches) =>
        Assert.Equal(matches, new LikePattern(pattern).Matches(value));

    [Fact]
    public void It_matches_as_the_plainest_reading_of_the_definition_does() =>
        Gen.Select(Patterns, Values).Sample(
            (pattern, value) => Assert.Equal(Matches([.. pattern.EnumerateRunes()], [.. value.EnumerateRunes()]), new LikePattern(pattern).Matches(value)),
            iter: 20_000);

    [Fact]
    public void It_never_throws_whatever_pattern_and_value_are() =>
        Gen.Select(Gen.String, Gen.String).Sample((pattern, value) => { _ = new LikePattern(pattern).Matches(value); });

    [Fact]
    public void Many_wildcards_on_a_value_that_nearly_matches_end()
    {
        var pattern = string.Concat(Enumerable.Repeat("%a_", 1_000)) + "b";

        Assert.False(new LikePattern(pattern).Matches(new string('a', 10_000)));
    }

    private static bool Matches(ReadOnlySpan<Rune> pattern, ReadOnlySpan<Rune> value) => pattern switch
    {
        [] => value.IsEmpty,
        [{ Value: '%' }, .. var rest] => Matches(rest, value) || (!value.IsEmpty && Matches(pattern, value[1..])),
        [{ Value: '_' }, .. var rest] => !value.IsEmpty && Matches(rest, value[1..]),
        [{ Value: '\\' }, { Value: '%' or '_' } character, .. var rest] => !value.IsEmpty && value[0] == character && Matches(rest, value[1..]),
        [var character, .. var rest] => !value.IsEmpty && value[0] == character && Matches(rest, value[1..]),
    };
}
