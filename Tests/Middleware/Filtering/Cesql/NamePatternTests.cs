using CsCheck;
using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

public class NamePatternTests
{
    // Few characters, so that patterns and names meet often.
    private static readonly Gen<string> Names = Gen.OneOf("a", "b", "*", "😀").List[0, 12].Select(string.Concat);
    private static readonly Gen<string> Patterns = Gen.OneOf("a", "b", "*", "*", "😀").List[0, 9].Select(string.Concat);

    [Theory]
    [InlineData("server_down", "server_down", true)]
    [InlineData("server_down", "server_downs", false)]
    [InlineData("server_*", "server_down", true)]
    [InlineData("server_*", "server_", true)]
    [InlineData("server_*", "Server_down", false)]
    [InlineData("server_*", "my_server_down", false)]
    [InlineData("*_down", "server_down", true)]
    [InlineData("*_down", "server_down_again", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "anything at all", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("*ab*ab*", "aab", false)]
    [InlineData("*aab", "aaab", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("a?c", "abc", false)]
    [InlineData("a%", "ab", false)]
    [InlineData("\\*", "\\x", true)]
    [InlineData("a*b", "a\nb", true)]
    [InlineData("e\u0301", "\u00e9", false)]
    public void A_pattern_matches_the_whole_name_or_not(string pattern, string name, bool matches) => Assert.Equal(matches, IsMatch(pattern, name));

    [Fact]
    public void It_matches_as_the_plainest_reading_of_the_definition_does() =>
        Gen.Select(Patterns, Names).Sample((pattern, name) => Assert.Equal(Matches(pattern, name), IsMatch(pattern, name)), iter: 20_000);

    [Fact]
    public void Many_wildcards_on_a_name_that_nearly_matches_end()
    {
        Assert.False(IsMatch(string.Concat(Enumerable.Repeat("*a", 5_000)) + "*b*", new string('a', 100_000)));
    }

    private static bool IsMatch(string pattern, string name)
    {
        var budget = new StepBudget(long.MaxValue);
        return LikePattern.OfName(pattern).Matches(name, ref budget);
    }

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) => pattern switch
    {
        [] => name.IsEmpty,
        ['*', .. var rest] => Matches(rest, name) || (!name.IsEmpty && Matches(pattern, name[1..])),
        [var character, .. var rest] => !name.IsEmpty && name[0] == character && Matches(rest, name[1..]),
    };
}
