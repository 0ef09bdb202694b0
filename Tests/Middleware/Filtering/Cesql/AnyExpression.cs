using CsCheck;
using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

public class AnyExpression
{
    private static readonly string[] Pieces =
    [
        "TRUE", "false", "0", "1", "-1", "2147483647", "-2147483648", "'a'", "'7'", "\"\"", "text", "int", "yes", "missing", "AND", "OR", "XOR", "NOT",
        "+", "-", "*", "/", "%", "=", "!=", "<>", "<", "<=", ">", ">=", "LIKE", "LIKE 'a%_\\%'", "IN", "EXISTS", "(", ")", ",", "INT(", "ABS(", "LEFT(", "SUBSTRING(",
        "CONCAT(", "'", "\\", "_", "😀",
    ];

    private static readonly CesqlEvent Event = new() { ["text"] = new("abc"), ["int"] = new(3), ["yes"] = new(true) };

    private static readonly (string Sign, int Level)[] Operators =
        [("*", 4), ("/", 4), ("%", 4), ("+", 3), ("-", 3), ("=", 2), ("!=", 2), ("<", 2), (">=", 2), ("AND", 1), ("OR", 1), ("XOR", 1)];

    /// <summary>A text and what it gives, whatever way it is written.</summary>
    private sealed record Written(string Bare, string Full, int Level);

    private static readonly Gen<Written> Leaves =
        Gen.OneOf("0", "1", "7", "-3", "'5'", "'x'", "TRUE", "FALSE", "int", "text", "yes", "missing").Select(text => new Written(text, text, 5));

    private static readonly Gen<Written> Trees = Gen.Recursive<Written>((depth, self) => depth == 4
        ? Leaves
        : Gen.OneOf((Gen<Written>)Leaves, Gen.Select(self, Gen.OneOf(Operators), self).Select((left, sign, right) => Join(left, sign.Sign, sign.Level, right))));

    [Fact]
    public void Any_text_is_an_expression_or_a_fault_within_it() => Gen.String.Sample(Judge);

    [Fact]
    public void Any_row_of_words_and_signs_is_an_expression_or_a_fault_within_it() =>
        Gen.OneOf(Pieces).List[0, 15].Select(pieces => string.Join(' ', pieces)).Sample(Judge, iter: 50_000);

    [Fact]
    public void Parentheses_that_precedence_gives_anyway_change_nothing() =>
        Trees.Sample(tree =>
        {
            var (bare, full) = (Event.Evaluate(tree.Bare), Event.Evaluate(tree.Full));

            Assert.Equal((full.Value, full.Fault?.Kind), (bare.Value, bare.Fault?.Kind));
        }, iter: 20_000);

    [Theory]
    [InlineData("1", "+1", CesqlExpression.MaxLength / 2)]
    [InlineData("(1)", "IN(1)", 815)]
    [InlineData("''", "LIKE''", 680)]
    [InlineData("yes", " OR int = 3", 370)]
    public void The_longest_rows_of_operators_fit_a_small_stack(string first, string rest, int times)
    {
        var expression = first + string.Concat(Enumerable.Repeat(rest, times - 1));
        CesqlParsed parsed = default;
        CesqlResult? result = null;

        var thread = new Thread(() => result = (parsed = CesqlExpression.Parse(expression)).IsValid ? Event.Evaluate(expression) : null, maxStackSize: 512 * 1024);
        thread.Start();
        thread.Join();

        Assert.Null(parsed.Fault);
        Assert.Null(result!.Value.Fault);
    }

    private static void Judge(string text)
    {
        var parsed = CesqlExpression.Parse(text);

        if (parsed.IsValid)
        {
            _ = Event.Evaluate(text);
        }
        else
        {
            Assert.InRange(parsed.Fault.Position, 0, text.Length);
            Assert.NotEmpty(parsed.Fault.Reason);
        }
    }

    private static Written Join(Written left, string sign, int level, Written right)
    {
        // What is of the same level may stand bare on the left only.
        var (bareLeft, bareRight) = (left.Level >= level ? left.Bare : $"({left.Bare})", right.Level > level ? right.Bare : $"({right.Bare})");
        return new Written($"{bareLeft} {sign} {bareRight}", $"(({left.Full}) {sign} ({right.Full}))", level);
    }
}
