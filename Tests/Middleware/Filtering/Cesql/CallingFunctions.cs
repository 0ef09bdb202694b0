using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

public class CallingFunctions
{
    private static readonly CesqlEvent Event = [];

    [Theory]
    [InlineData("LENGTH('a😀b')", 3)]
    [InlineData("LENGTH(-10)", 3)]
    [InlineData("ABS('-3')", 3)]
    [InlineData("ABS(TRUE)", 1)]
    [InlineData("abs(-2147483647)", 2147483647)]
    public void These_give_an_integer(string expression, int value) => Assert.Equal(CesqlResult.Of(value), Event.Evaluate(expression));

    [Fact]
    public void Half_of_a_surrogate_pair_is_a_character() => Assert.Equal(CesqlResult.Of(3), Event.Evaluate("LENGTH('\ud83da\ude00')"));

    [Theory]
    [InlineData("LEFT('😀😀b', 1)", "😀")]
    [InlineData("LEFT('abc', 2147483647)", "abc")]
    [InlineData("LEFT('abc', 0)", "")]
    [InlineData("RIGHT('a😀😀', 1)", "😀")]
    [InlineData("RIGHT('abc', 0)", "")]
    [InlineData("RIGHT('abc', 2147483647)", "abc")]
    [InlineData("SUBSTRING('a😀bc', 3)", "bc")]
    [InlineData("SUBSTRING('a😀bc', 2, 1)", "😀")]
    [InlineData("SUBSTRING('a😀bc', -3, 1)", "😀")]
    [InlineData("SUBSTRING('abc', 2, 0)", "")]
    [InlineData("SUBSTRING('abc', 2, 2147483647)", "bc")]
    [InlineData("SUBSTRING('abc', 0, 2)", "")]
    [InlineData("SUBSTRING('', 0)", "")]
    [InlineData("TRIM('\u00a0\u2003\u3000 a \u0085\t')", "a")]
    [InlineData("TRIM('\u200ba\u0001')", "\u200ba\u0001")]
    [InlineData("UPPER('straße é')", "STRAßE É")]
    [InlineData("LOWER('ÀÉ')", "àé")]
    [InlineData("CONCAT(1, TRUE, 'x', -2, 'y', FALSE)", "1truex-2yfalse")]
    [InlineData("CONCAT_WS(0, 1, 2, 3, 4, 5)", "102030405")]
    [InlineData("string (7)", "7")]
    public void These_give_a_string(string expression, string value) => Assert.Equal(CesqlResult.Of(value), Event.Evaluate(expression));

    [Theory]
    [InlineData("IS_INT('12')", true)]
    [InlineData("IS_INT('12a')", false)]
    [InlineData("IS_INT('2147483648')", false)]
    [InlineData("IS_INT(TRUE)", true)]
    [InlineData("is_bool('False')", true)]
    [InlineData("IS_BOOL('no')", false)]
    [InlineData("IS_BOOL(5)", true)]
    [InlineData("BOOL('tRuE')", true)]
    public void These_give_a_boolean(string expression, bool value) => Assert.Equal(CesqlResult.Of(value), Event.Evaluate(expression));

    [Theory]
    [InlineData("LEFT('abc', -1)", "abc", "the length is negative")]
    [InlineData("RIGHT('abc', -2147483648)", "abc", "the length is negative")]
    [InlineData("SUBSTRING('abc', 1, -1)", "", "the length is negative")]
    [InlineData("SUBSTRING('abc', 4)", "", "the position is outside of the string")]
    [InlineData("SUBSTRING('abc', -2147483648)", "", "the position is outside of the string")]
    [InlineData("SUBSTRING('', 1)", "", "the position is outside of the string")]
    public void What_a_function_cannot_do_is_told_beside_its_value(string expression, string value, string reason) => Assert.Equal(
        new CesqlResult(new CesqlValue(value), new CesqlFault(CesqlFaultKind.FunctionEvaluation, 0, reason)), Event.Evaluate(expression));

    [Fact]
    public void A_string_is_not_made_longer_than_a_million_characters()
    {
        var large = new CesqlEvent { ["text"] = new(new string('x', 262_144)) };

        Assert.Equal(CesqlResult.Of(1_048_576), large.Evaluate("LENGTH(CONCAT(text, text, text, text))"));
        Assert.Equal(
            new CesqlResult(new CesqlValue(""), new CesqlFault(CesqlFaultKind.FunctionEvaluation, 0, "the string would be too long")),
            large.Evaluate("CONCAT(text, text, text, text, 1)"));
    }

    [Theory]
    [InlineData("INT(missing)", "Integer")]
    [InlineData("CONCAT('a', missing)", "String")]
    [InlineData("IS_INT(missing)", "Boolean")]
    [InlineData("LENGTH(LEFT('abc', -1))", "Integer")]
    public void An_argument_that_goes_wrong_gives_the_zero_value_of_the_functions_type(string expression, string type)
    {
        var result = Event.Evaluate(expression);

        Assert.Equal(CesqlValue.Zero(Enum.Parse<CesqlType>(type)), result.Value);
        Assert.NotNull(result.Fault);
    }
}
