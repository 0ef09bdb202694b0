using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

public class RefusingExpressions
{
    [Theory]
    [InlineData("", 0, "expected a value, but the expression ends")]
    [InlineData("  \t\r\n", 5, "expected a value, but the expression ends")]
    [InlineData("type =", 6, "expected a value, but the expression ends")]
    [InlineData("type = = 'a'", 7, "expected a value, found =")]
    [InlineData("type = AND", 7, "expected a value, found the keyword AND")]
    [InlineData("type source", 5, "expected an operator or the end, found source")]
    [InlineData("(type = 'a'", 11, "expected an operator or ), but the expression ends")]
    [InlineData("type = 'a')", 10, "expected an operator or the end, found )")]
    [InlineData("type == 'a'", 6, "expected a value, found =")]
    [InlineData("type ! 'a'", 5, "! is not part of the language")]
    [InlineData("'a' = 'b", 6, "the string that begins here does not end")]
    [InlineData("'a\\'", 0, "the string that begins here does not end")]
    [InlineData("'it''s'", 4, "a quote inside of a string is written with a backslash")]
    [InlineData("größe = 1", 2, "ö is not part of the language")]
    [InlineData("a = 😀", 4, "😀 is not part of the language")]
    [InlineData("a = 1.5", 5, ". is not part of the language")]
    [InlineData("a = +b", 4, "expected a value, found + (which is a sign only directly before digits)")]
    [InlineData("a = + 1", 4, "expected a value, found + (which is a sign only directly before digits)")]
    [InlineData("event_type = 'a'", 0, "event_type cannot be the name of an attribute: they have only letters and digits")]
    [InlineData("EXISTS", 6, "expected the name of an attribute, but the expression ends")]
    [InlineData("EXISTS 'a'", 7, "expected the name of an attribute, found 'a'")]
    [InlineData("EXISTS and", 7, "expected the name of an attribute, found the keyword and")]
    [InlineData("EXISTS a_b", 7, "a_b cannot be the name of an attribute: they have only letters and digits")]
    [InlineData("a LIKE b", 7, "expected a string in quotes as the pattern, found b")]
    [InlineData("a LIKE ('b')", 7, "expected a string in quotes as the pattern, found (")]
    [InlineData("a NOT = 'b'", 6, "expected LIKE or IN after NOT, found =")]
    [InlineData("a IN 'b'", 5, "expected (, found 'b'")]
    [InlineData("a IN ()", 6, "expected a value, found )")]
    [InlineData("a IN (1, )", 9, "expected a value, found )")]
    [InlineData("a IN (1 2)", 8, "expected an operator, a comma or ), found 2")]
    [InlineData("LEFT('a', 1", 11, "expected an operator, a comma or ), but the expression ends")]
    [InlineData("f1(2)", 0, "f1 cannot be the name of a function: they have only letters and underscores, a letter first")]
    [InlineData("_f(2)", 0, "_f cannot be the name of a function: they have only letters and underscores, a letter first")]
    [InlineData("2147483648", 0, "an integer is from -2147483648 to 2147483647")]
    [InlineData("1 + -2147483649", 4, "an integer is from -2147483648 to 2147483647")]
    [InlineData("- 2147483648", 2, "an integer is from -2147483648 to 2147483647")]
    [InlineData("a 'a string that is longer than what is shown of it'", 2, "expected an operator or the end, found 'a string that is longer than what is sh...")]
    public void What_is_no_expression_is_told_where_and_why(string text, int position, string reason) =>
        Assert.Equal(new CesqlFault(CesqlFaultKind.Parse, position, reason), CesqlExpression.Parse(text).Fault);

    [Theory]
    [InlineData("TRUE OR nosuch(1)", 8, "there is no function nosuch")]
    [InlineData("LEFT('a')", 0, "wrong number of arguments: LEFT takes 2, not 1")]
    [InlineData("SUBSTRING('a')", 0, "wrong number of arguments: SUBSTRING takes 2 or 3, not 1")]
    [InlineData("concat_ws()", 0, "wrong number of arguments: concat_ws takes 1 or more, not 0")]
    public void A_call_that_no_function_takes_is_told_before_any_evaluation(string text, int position, string reason) =>
        Assert.Equal(new CesqlFault(CesqlFaultKind.MissingFunction, position, reason), CesqlExpression.Parse(text).Fault);

    [Fact]
    public void What_is_no_expression_at_all_is_told_before_a_function_that_is_missing() =>
        Assert.Equal(CesqlFaultKind.Parse, CesqlExpression.Parse("nosuch(1) + ").Fault?.Kind);

    [Fact]
    public void An_expression_has_so_many_characters_and_no_more()
    {
        var longest = $"'{new string('x', CesqlExpression.MaxLength - 2)}'";

        Assert.True(CesqlExpression.Parse(longest).IsValid);
        Assert.Equal(new CesqlFault(CesqlFaultKind.Parse, 4_096, "longer than 4096 characters"), CesqlExpression.Parse($"{longest} ").Fault);
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("-", "x", "")]
    [InlineData("NOT ", "x", "")]
    [InlineData("ABS(", "1", ")")]
    [InlineData("1 IN (", "1", ")")]
    [InlineData("1 + (", "1", ")")]
    public void An_expression_nests_so_deep_and_no_deeper(string open, string inner, string close)
    {
        Assert.True(CesqlExpression.Parse(Nested(CesqlExpression.MaxDepth - 1)).IsValid);
        Assert.True(CesqlExpression.Parse($"{Nested(CesqlExpression.MaxDepth - 1)} + {Nested(CesqlExpression.MaxDepth - 1)}").IsValid);

        var fault = CesqlExpression.Parse(Nested(CesqlExpression.MaxDepth)).Fault;
        Assert.Equal((CesqlFaultKind.Parse, "nested deeper than 100 levels"), (fault?.Kind, fault?.Reason));

        string Nested(int levels) => string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels));
    }

    [Theory]
    [InlineData(4_000)]
    [InlineData(100_000)]
    public void Any_number_of_parentheses_is_refused_and_not_a_crash(int levels)
    {
        Assert.Equal(CesqlFaultKind.Parse, CesqlExpression.Parse(new string('(', levels)).Fault?.Kind);
        Assert.Equal(CesqlFaultKind.Parse, CesqlExpression.Parse(new string('(', levels) + "1" + new string(')', levels)).Fault?.Kind);
    }
}
