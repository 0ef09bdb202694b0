using System.Collections.Immutable;

namespace Middleware.Filtering.Cesql;

/// <summary>
/// Parses one expression by recursive descent: the binary operators, LIKE, IN and lists; <see cref="OperandParser"/> parses their operands. Operators
/// of one level in a row are a chain, so only nesting costs stack.
/// </summary>
internal sealed class Parser
{
    private readonly TokenReader _tokens;
    private readonly OperandParser _operands;

    public Parser(string text)
    {
        _tokens = new TokenReader(text);
        _operands = new OperandParser(_tokens, this);
    }

    /// <summary>The binary operators by precedence, the weakest first.</summary>
    private enum Level
    {
        None,
        Logic,
        Comparison,
        Sum,
        Product,
        Operand,
    }

    /// <summary>The number of names, signs and literals that were read.</summary>
    public int Words => _tokens.Words;

    /// <summary>The reason for which <see cref="Parse"/> gave null.</summary>
    public CesqlFault Fault => _tokens.Fault ?? throw new InvalidOperationException("Nothing was wrong.");

    public Node? Parse()
    {
        var root = ParseExpression();
        if (root is not null && _tokens.Current.Kind != TokenKind.End)
        {
            root = _tokens.IsAtDoubledQuote
                ? _tokens.Fail(_tokens.Current.Position, "a quote inside of a string is written with a backslash")
                : _tokens.Expected("an operator or the end");
        }

        return _tokens.Fault is null ? root : null;
    }

    public Node? ParseExpression() => ParseLevel(Level.Logic);

    /// <summary>Expressions in parentheses: the arguments of a function or the set of IN.</summary>
    public ImmutableArray<Node>? ParseList(bool isEmptyAllowed)
    {
        var items = ImmutableArray.CreateBuilder<Node>();
        if (!_tokens.TryTake(TokenKind.Open))
        {
            _tokens.Expected("(");
            return null;
        }

        if (isEmptyAllowed && _tokens.TryTake(TokenKind.Close))
        {
            return [];
        }

        do
        {
            if (ParseExpression() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }
        while (_tokens.TryTake(TokenKind.Comma));

        if (!_tokens.TryTake(TokenKind.Close))
        {
            _tokens.Expected("an operator, a comma or )");
            return null;
        }

        return items.DrainToImmutable();
    }

    private static Level LevelOf(TokenKind kind) => kind switch
    {
        TokenKind.And or TokenKind.Or or TokenKind.Xor => Level.Logic,
        TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less or TokenKind.LessOrEqual
            or TokenKind.Greater or TokenKind.GreaterOrEqual => Level.Comparison,
        TokenKind.Plus or TokenKind.Minus => Level.Sum,
        TokenKind.Star or TokenKind.Slash or TokenKind.Percent => Level.Product,
        _ => Level.None,
    };

    private Node? ParseLevel(Level level)
    {
        if (level == Level.Operand)
        {
            return ParseTested();
        }

        var first = ParseLevel(level + 1);
        if (first is null || LevelOf(_tokens.Current.Kind) != level)
        {
            return first;
        }

        var rest = ImmutableArray.CreateBuilder<Step>();
        while (LevelOf(_tokens.Current.Kind) == level)
        {
            var sign = _tokens.Take();
            if (ParseLevel(level + 1) is not { } operand)
            {
                return null;
            }

            rest.Add(new Step(sign.Kind, sign.Position, operand));
        }

        return level switch
        {
            Level.Logic => new LogicNode(first, rest.DrainToImmutable()),
            Level.Comparison => new ComparisonNode(first, rest.DrainToImmutable()),
            _ => new ArithmeticNode(first, rest.DrainToImmutable()),
        };
    }

    /// <summary>An operand with the LIKE and IN that follow it.</summary>
    private Node? ParseTested()
    {
        var node = _operands.Parse();
        while (node is not null && _tokens.Current.Kind is TokenKind.Not or TokenKind.Like or TokenKind.In)
        {
            var isNegated = _tokens.TryTake(TokenKind.Not);
            node = _tokens.Current.Kind switch
            {
                TokenKind.Like => ParsePattern(node, isNegated),
                TokenKind.In => ParseSet(node, isNegated),
                _ => _tokens.Expected("LIKE or IN after NOT"),
            };
        }

        return node;
    }

    private LikeNode? ParsePattern(Node value, bool isNegated)
    {
        _tokens.Take();
        if (_tokens.Current.Kind != TokenKind.String)
        {
            _tokens.Expected("a string in quotes as the pattern");
            return null;
        }

        return new LikeNode(value, new LikePattern(_operands.Unquoted(_tokens.Take())), isNegated);
    }

    private InNode? ParseSet(Node value, bool isNegated)
    {
        _tokens.Take();
        if (!_tokens.TryDescend())
        {
            return null;
        }

        var set = ParseList(isEmptyAllowed: false);
        _tokens.Ascend();
        return set is { } elements ? new InNode(value, elements, isNegated) : null;
    }
}
