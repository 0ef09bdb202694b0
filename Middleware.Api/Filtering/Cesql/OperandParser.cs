using System.Globalization;

namespace Middleware.Filtering.Cesql;

/// <summary>
/// Parses the operands between binary operators. All recursion passes here: every operand is one level of nesting, every set of IN another.
/// </summary>
internal sealed class OperandParser(TokenReader tokens, Parser expressions)
{
    public Node? Parse()
    {
        if (!tokens.TryDescend())
        {
            return null;
        }

        var operand = tokens.Current.Kind switch
        {
            TokenKind.Not => ParseNot(),
            TokenKind.Minus => ParseMinus(),
            TokenKind.Plus => ParsePlus(),
            TokenKind.Exists => ParseExists(),
            TokenKind.Open => ParseSubExpression(),
            TokenKind.Name => ParseName(),
            TokenKind.Integer => ParseInteger(tokens.Take()),
            TokenKind.String => new LiteralNode(tokens.Current.Position, new CesqlValue(Unquoted(tokens.Take()))),
            TokenKind.True or TokenKind.False => new LiteralNode(tokens.Current.Position, new CesqlValue(tokens.Take().Kind == TokenKind.True)),
            _ => tokens.Expected("a value"),
        };
        tokens.Ascend();
        return operand;
    }

    /// <summary>Takes the quotes off. Only the string's own quote is escaped. Other backslashes stay: patterns need them.</summary>
    public string Unquoted(Token token)
    {
        var quoted = tokens.TextOf(token);
        return quoted[0] == '"'
            ? quoted[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal)
            : quoted[1..^1].Replace("\\'", "'", StringComparison.Ordinal);
    }

    private NotNode? ParseNot()
    {
        var position = tokens.Take().Position;
        return Parse() is { } operand ? new NotNode(position, operand) : null;
    }

    private Node? ParseMinus()
    {
        var sign = tokens.Take();
        if (IsDigitsAfter(sign))
        {
            return ParseInteger(sign with { Length = 1 + tokens.Take().Length });
        }

        return Parse() is { } operand ? new NegateNode(sign.Position, operand) : null;
    }

    private Node? ParsePlus()
    {
        var sign = tokens.Take();
        return IsDigitsAfter(sign)
            ? ParseInteger(sign with { Length = 1 + tokens.Take().Length })
            : tokens.Fail(sign.Position, "expected a value, found + (which is a sign only directly before digits)");
    }

    private bool IsDigitsAfter(Token sign) => tokens.Current.Kind == TokenKind.Integer && tokens.Current.Position == sign.End;

    private Node? ParseInteger(Token token) =>
        int.TryParse(tokens.TextOf(token), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new LiteralNode(token.Position, new CesqlValue(number))
            : tokens.Fail(token.Position, $"an integer is from {int.MinValue} to {int.MaxValue}");

    private ExistsNode? ParseExists()
    {
        var position = tokens.Take().Position;
        if (tokens.Current.Kind != TokenKind.Name)
        {
            tokens.Expected("the name of an attribute");
            return null;
        }

        return AttributeName(tokens.Take()) is { } name ? new ExistsNode(position, name) : null;
    }

    private Node? ParseSubExpression()
    {
        tokens.Take();
        var inner = expressions.ParseExpression();
        return inner is null || tokens.TryTake(TokenKind.Close) ? inner : tokens.Expected("an operator or )");
    }

    private Node? ParseName()
    {
        var token = tokens.Take();
        if (tokens.Current.Kind == TokenKind.Open)
        {
            return ParseCall(token);
        }

        return AttributeName(token) is { } name ? new AttributeNode(token.Position, name) : null;
    }

    private Node? ParseCall(Token name)
    {
        var text = tokens.TextOf(name);
        if (!char.IsAsciiLetter(text[0]) || text.AsSpan().ContainsAnyInRange('0', '9'))
        {
            return tokens.Fail(
                name.Position, $"{TokenReader.Shown(text)} cannot be the name of a function: they have only letters and underscores, a letter first");
        }

        if (expressions.ParseList(isEmptyAllowed: true) is not { } arguments)
        {
            return null;
        }

        if (FunctionTable.TryFind(text, arguments.Length, out var function, out var reason))
        {
            return new CallNode(name.Position, function, arguments);
        }

        tokens.FailMissingFunction(name.Position, reason);
        return new LiteralNode(name.Position, default);
    }

    private string? AttributeName(Token token)
    {
        var name = tokens.TextOf(token).ToLowerInvariant();
        if (name.Contains('_', StringComparison.Ordinal))
        {
            tokens.Fail(token.Position, $"{TokenReader.Shown(name)} cannot be the name of an attribute: they have only letters and digits");
            return null;
        }

        return name;
    }
}
