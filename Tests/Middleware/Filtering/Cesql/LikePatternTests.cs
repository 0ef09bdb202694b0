using System.Text;
using CsCheck;
using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

public class LikePatternTests
{
    // Few characters, so that patterns and values meet often.
    private static readonly Gen<string> Values = Gen.OneOf("a", "b", "%", "_", "\\", "😀").List[0, 12].Select(string.Concat);
    private static readonly Gen<string> Patterns = Gen.OneOf("a", "b", "%", "%", "_", "\\%", "\\_", "\\", "😀").List[0, 9].Select(string.Concat);

    // More characters than a word has bits, of a value whose beginnings they often meet.
    private static readonly Gen<string> LongPieces = Gen.OneOf("a", "a", "a", "a", "a", "a", "_", "b").List[60, 150].Select(string.Concat);
    private static readonly Gen<string> LongValues = Gen.OneOf("a", "a", "a", "a", "a", "a", "a", "b", "😀").List[100, 800].Select(string.Concat);

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
    public void A_pattern_matches_the_whole_value_or_not(string pattern, string value, bool matches) => Assert.Equal(matches, Matches(pattern, value));

    [Fact]
    public void It_matches_as_the_plainest_reading_of_the_definition_does() =>
        Gen.Select(Patterns, Values).Sample(
            (pattern, value) => Assert.Equal(MatchesPlainly([.. pattern.EnumerateRunes()], [.. value.EnumerateRunes()]), Matches(pattern, value)), iter: 20_000);

    [Fact]
    public void So_does_a_long_piece_with_or_without_wildcards() =>
        Gen.Select(LongPieces, LongValues, Gen.Bool).Sample(
            (piece, value, isAnywhere) =>
            {
                var pattern = isAnywhere ? $"%{piece}%" : $"%{piece}";

                Assert.Equal(MatchesPlainly([.. pattern.EnumerateRunes()], [.. value.EnumerateRunes()]), Matches(pattern, value));
            },
            iter: 2_000);

    [Fact]
    public void It_never_throws_whatever_pattern_and_value_are() =>
        Gen.Select(Gen.String, Gen.String).Sample((pattern, value) => { _ = Matches(pattern, value); });

    private static bool Matches(string pattern, string value)
    {
        var budget = new StepBudget(long.MaxValue);
        return new LikePattern(pattern).Matches(value, ref budget);
    }

    /// <summary>Follows, for each part of the pattern, all the places of the value that may come after it.</summary>
    private static bool MatchesPlainly(Rune[] pattern, Rune[] value)
    {
        var places = new bool[value.Length + 1];
        places[0] = true;
        for (var part = 0; part < pattern.Length; part++)
        {
            var isEscape = pattern[part].Value == '\\' && part + 1 < pattern.Length && pattern[part + 1].Value is '%' or '_';
            var character = isEscape ? pattern[++part] : pattern[part];
            if (!isEscape && character.Value == '%')
            {
                var first = Array.IndexOf(places, true);
                places.AsSpan(first < 0 ? places.Length : first).Fill(true);
                continue;
            }

            for (var place = value.Length; place >= 0; place--)
            {
                places[place] = place > 0 && places[place - 1] && (value[place - 1] == character || (!isEscape && character.Value == '_'));
            }
        }

        return places[^1];
    }
}
