using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

public class EvaluatingOperators
{
    private static readonly CesqlEvent Event = new()
    {
        ["source"] = new("billing"),
        ["text"] = new("abc"),
        ["number"] = new("7"),
        ["int"] = new(3),
        ["yes"] = new(true),
        ["123abc"] = new("digits first"),
    };

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("10 - 4 - 3", "3")]
    [InlineData("100 / 10 / 5", "2")]
    [InlineData("2 * 7 % 4", "2")]
    [InlineData("4-1", "3")]
    [InlineData("4 -1", "3")]
    [InlineData("4--1", "5")]
    [InlineData("+4 - +1", "3")]
    [InlineData("-7 / 2", "-3")]
    [InlineData("-7 % 2", "-1")]
    [InlineData("7 % -2", "1")]
    [InlineData("1 + 1 = 2", "true")]
    [InlineData("1 < 2 = TRUE", "true")]
    [InlineData("3 > 2 > 1", "false")]
    [InlineData("1 = 1 AND 2 = 2", "true")]
    [InlineData("NOT yes = FALSE", "true")]
    [InlineData("NOT yes LIKE 'false'", "true")]
    [InlineData("-int IN (-3)", "true")]
    [InlineData("1 + int IN (3)", "2")]
    [InlineData("2 * int LIKE '3'", "2")]
    [InlineData("text LIKE 'a%' IN (TRUE)", "true")]
    [InlineData("text IN ('abc') LIKE 'true'", "true")]
    [InlineData("EXISTS text LIKE 'true'", "true")]
    [InlineData("NOT EXISTS text", "false")]
    public void They_bind_as_the_specification_orders_them(string expression, string value)
    {
        var result = Event.Evaluate(expression);

        Assert.Equal((value, null), (result.Value.ToString(), result.Fault));
    }

    [Theory]
    [InlineData("TRUE OR FALSE AND FALSE", false)]
    [InlineData("TRUE OR (FALSE AND FALSE)", true)]
    [InlineData("FALSE AND FALSE OR TRUE", true)]
    [InlineData("TRUE XOR TRUE OR TRUE", true)]
    [InlineData("TRUE OR TRUE XOR TRUE", false)]
    public void The_logical_ones_are_of_one_precedence_and_go_from_left_to_right(string expression, bool value) =>
        Assert.Equal(CesqlResult.Of(value), Event.Evaluate(expression));

    [Theory]
    [InlineData("FALSE AND missing", "false", null)]
    [InlineData("TRUE OR missing", "true", null)]
    [InlineData("TRUE XOR missing", "false", "MissingAttribute")]
    [InlineData("TRUE AND missing", "false", "MissingAttribute")]
    [InlineData("missing OR TRUE", "false", "MissingAttribute")]
    [InlineData("missing AND FALSE", "false", "MissingAttribute")]
    [InlineData("FALSE AND missing OR TRUE", "true", null)]
    [InlineData("text IN ('abc', missing)", "true", null)]
    [InlineData("text IN (missing, 'abc')", "false", "MissingAttribute")]
    [InlineData("text NOT IN (missing)", "false", "MissingAttribute")]
    public void What_cannot_change_the_result_is_not_evaluated(string expression, string value, string? fault)
    {
        var result = Event.Evaluate(expression);

        Assert.Equal((value, fault), (result.Value.ToString(), result.Fault?.Kind.ToString()));
    }

    [Theory]
    [InlineData("2147483647 + 0", 2147483647)]
    [InlineData("-2147483648", -2147483648)]
    [InlineData("-2147483647 - 1", -2147483648)]
    [InlineData("--2147483647", 2147483647)]
    [InlineData("46341 * 46340", 2147441940)]
    [InlineData("-2147483648 % -1", 0)]
    [InlineData("INT('-2147483648')", -2147483648)]
    [InlineData("INT('+2147483647')", 2147483647)]
    [InlineData("INT('0007')", 7)]
    public void Integers_have_32_bits(string expression, int value) => Assert.Equal(CesqlResult.Of(value), Event.Evaluate(expression));

    [Theory]
    [InlineData("2147483647 + 1", 11)]
    [InlineData("-2147483648 - 1", 12)]
    [InlineData("46341 * 46341", 6)]
    [InlineData("65536 * 65536", 6)]
    [InlineData("-2147483648 / -1", 12)]
    [InlineData("--2147483648", 0)]
    [InlineData("1 + (1 / 0)", 7)]
    [InlineData("1 % 0 + missing", 2)]
    public void A_result_that_has_more_is_a_math_error_at_its_operator_and_gives_0(string expression, int position)
    {
        var result = Event.Evaluate(expression);

        Assert.Equal((new CesqlValue(0), CesqlFaultKind.Math, position), (result.Value, result.Fault?.Kind, result.Fault?.Position));
    }

    [Theory]
    [InlineData("text + 1", "0", 0)]
    [InlineData("1 + text", "0", 4)]
    [InlineData("-text", "0", 1)]
    [InlineData("text < 1", "false", 0)]
    [InlineData("1 < text", "false", 4)]
    [InlineData("text = 0", "false", 0)]
    [InlineData("text != 0", "false", 0)]
    [InlineData("text = FALSE", "false", 0)]
    [InlineData("text AND TRUE", "false", 0)]
    [InlineData("NOT text", "true", 4)]
    [InlineData("NOT 0", "true", 4)]
    [InlineData("int IN (text, 3)", "false", 8)]
    [InlineData("LEFT(text, text)", "", 11)]
    [InlineData("INT('2147483648')", "0", 0)]
    [InlineData("INT('')", "0", 0)]
    [InlineData("INT('+')", "0", 0)]
    [InlineData("INT(' 1')", "0", 0)]
    [InlineData("INT('1\0')", "0", 0)]
    [InlineData("INT('١')", "0", 0)]
    [InlineData("BOOL('fal\u017fe')", "false", 0)]
    [InlineData("BOOL(' true')", "false", 0)]
    public void What_cannot_be_cast_is_an_error_where_it_stands(string expression, string value, int position)
    {
        var result = Event.Evaluate(expression);

        Assert.Equal((value, CesqlFaultKind.Cast, position), (result.Value.ToString(), result.Fault?.Kind, result.Fault?.Position));
    }

    [Theory]
    [InlineData("number = 7", true)]
    [InlineData("7 = number", true)]
    [InlineData("number = '07'", false)]
    [InlineData("7 = '07'", false)]
    [InlineData("'07' = 7", true)]
    [InlineData("2 = TRUE", true)]
    [InlineData("TRUE = 1", true)]
    [InlineData("TRUE = 2", false)]
    [InlineData("number < 10", true)]
    [InlineData("1 AND 2", true)]
    [InlineData("1 XOR 0", true)]
    [InlineData("text = 'ABC'", false)]
    [InlineData("TEXT = 'abc'", true)]
    [InlineData("123abc = 'digits first'", true)]
    public void The_left_operand_takes_the_type_of_the_right_one(string expression, bool value) => Assert.Equal(CesqlResult.Of(value), Event.Evaluate(expression));

    [Fact]
    public void A_missing_attribute_is_named_with_its_place() => Assert.Equal(
        new CesqlFault(CesqlFaultKind.MissingAttribute, 20, "the event has no attribute region"),
        Event.Evaluate("source = source AND Region = 'x'").Fault);

    [Theory]
    [InlineData("TRUE", true)]
    [InlineData("FALSE", false)]
    [InlineData("1", false)]
    [InlineData("'true'", false)]
    [InlineData("missing", false)]
    [InlineData("NOT 10", false)]
    public void Only_true_without_a_fault_is_a_match(string expression, bool isMatch) => Assert.Equal(isMatch, Event.Evaluate(expression).IsMatch);
}
