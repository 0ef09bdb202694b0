using System.Globalization;
using Middleware.Cesql.Evaluation;

namespace Middleware.Cesql.Parsing;

/// <summary>What stands between binary operators.</summary>
internal sealed partial class Parser
{
    /// <summary>An operand with the LIKE and IN that follow it.</summary>
    private Node? ParseTested()
    {
        var node = ParseOperand();
        while (node is not null && _token.Kind is TokenKind.Not or TokenKind.Like or TokenKind.In)
        {
            var isNegated = TryTake(TokenKind.Not);
            node = _token.Kind switch
            {
                TokenKind.Like => ParsePattern(node, isNegated),
                TokenKind.In => ParseSet(node, isNegated),
                _ => Expected("LIKE or IN after NOT"),
            };
        }

        return node;
    }

    private LikeNode? ParsePattern(Node value, bool isNegated)
    {
        Take();
        if (_token.Kind != TokenKind.String)
        {
            Expected("a string in quotes as the pattern");
            return null;
        }

        return new LikeNode(value, new LikePattern(Unquoted(Take())), isNegated);
    }

    private InNode? ParseSet(Node value, bool isNegated)
    {
        Take();
        if (!TryDescend())
        {
            return null;
        }

        var set = ParseList(isEmptyAllowed: false);
        _depth--;
        return set is { } elements ? new InNode(value, elements, isNegated) : null;
    }

    private Node? ParseOperand()
    {
        if (!TryDescend())
        {
            return null;
        }

        var operand = _token.Kind switch
        {
            TokenKind.Not => ParseNot(),
            TokenKind.Minus => ParseMinus(),
            TokenKind.Plus => ParsePlus(),
            TokenKind.Exists => ParseExists(),
            TokenKind.Open => ParseSubExpression(),
            TokenKind.Name => ParseName(),
            TokenKind.Integer => ParseInteger(Take()),
            TokenKind.String => new LiteralNode(_token.Position, new CesqlValue(Unquoted(Take()))),
            TokenKind.True or TokenKind.False => new LiteralNode(_token.Position, new CesqlValue(Take().Kind == TokenKind.True)),
            _ => Expected("a value"),
        };
        _depth--;
        return operand;
    }

    /// <summary>Counts a level of nesting. All recursion passes here: every operand is one level, every set of IN another.</summary>
    private bool TryDescend()
    {
        if (_depth == CesqlExpression.MaxDepth)
        {
            Fail(_token.Position, $"nested deeper than {CesqlExpression.MaxDepth} levels");
            return false;
        }

        _depth++;
        return true;
    }

    private NotNode? ParseNot()
    {
        var position = Take().Position;
        return ParseOperand() is { } operand ? new NotNode(position, operand) : null;
    }

    private Node? ParseMinus()
    {
        var sign = Take();
        if (IsDigitsAfter(sign))
        {
            return ParseInteger(sign with { Length = 1 + Take().Length });
        }

        return ParseOperand() is { } operand ? new NegateNode(sign.Position, operand) : null;
    }

    private Node? ParsePlus()
    {
        var sign = Take();
        return IsDigitsAfter(sign)
            ? ParseInteger(sign with { Length = 1 + Take().Length })
            : Fail(sign.Position, "expected a value, found + (which is a sign only directly before digits)");
    }

    private bool IsDigitsAfter(Token sign) => _token.Kind == TokenKind.Integer && _token.Position == sign.End;

    private Node? ParseInteger(Token token) =>
        int.TryParse(_text.AsSpan(token.Position, token.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new LiteralNode(token.Position, new CesqlValue(number))
            : Fail(token.Position, $"an integer is from {int.MinValue} to {int.MaxValue}");

    private ExistsNode? ParseExists()
    {
        var position = Take().Position;
        if (_token.Kind != TokenKind.Name)
        {
            Expected("the name of an attribute");
            return null;
        }

        return AttributeName(Take()) is { } name ? new ExistsNode(position, name) : null;
    }

    private Node? ParseSubExpression()
    {
        Take();
        var inner = ParseLevel(Level.Logic);
        return inner is null || TryTake(TokenKind.Close) ? inner : Expected("an operator or )");
    }

    private Node? ParseName()
    {
        var token = Take();
        if (_token.Kind == TokenKind.Open)
        {
            return ParseCall(token);
        }

        return AttributeName(token) is { } name ? new AttributeNode(token.Position, name) : null;
    }

    private string? AttributeName(Token token)
    {
        var name = TextOf(token).ToLowerInvariant();
        if (name.Contains('_', StringComparison.Ordinal))
        {
            Fail(token.Position, $"{Shown(name)} cannot be the name of an attribute: they have only letters and digits");
            return null;
        }

        return name;
    }

    /// <summary>Only the string's own quote is escaped. Other backslashes stay: patterns need them.</summary>
    private string Unquoted(Token token)
    {
        var inner = _text.Substring(token.Position + 1, token.Length - 2);
        return _text[token.Position] == '"'
            ? inner.Replace("\\\"", "\"", StringComparison.Ordinal)
            : inner.Replace("\\'", "'", StringComparison.Ordinal);
    }
}
