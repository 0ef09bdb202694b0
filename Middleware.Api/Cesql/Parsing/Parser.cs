using System.Collections.Immutable;
using Middleware.Cesql.Evaluation;

namespace Middleware.Cesql.Parsing;

/// <summary>Reads one expression by recursive descent. Operators of one level in a row are a chain, so only nesting costs stack.</summary>
internal sealed partial class Parser
{
    private readonly string _text;
    private readonly Lexer _lexer;
    private Token _token;
    private int _depth;
    private CesqlFault? _fault;
    private CesqlFault? _missingFunction;

    public Parser(string text)
    {
        _text = text;
        _lexer = new Lexer(text);
        _token = _lexer.Next();
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
    public int Words { get; private set; }

    /// <summary>Why <see cref="Parse"/> gave null. What is no expression at all comes before a function that is missing.</summary>
    public CesqlFault Fault => _fault ?? _missingFunction ?? throw new InvalidOperationException("Nothing was wrong.");

    /// <summary>As in 'it''s', which is SQL but not this language.</summary>
    private bool IsDoubledQuote =>
        _token is { Kind: TokenKind.String or TokenKind.Unclosed, Position: > 0 } && _text[_token.Position - 1] == _text[_token.Position];

    public Node? Parse()
    {
        var root = ParseLevel(Level.Logic);
        if (root is not null && _token.Kind != TokenKind.End)
        {
            root = IsDoubledQuote ? Fail(_token.Position, "a quote inside of a string is written with a backslash") : Expected("an operator or the end");
        }

        return _missingFunction is null ? root : null;
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
        if (first is null || LevelOf(_token.Kind) != level)
        {
            return first;
        }

        var rest = ImmutableArray.CreateBuilder<Step>();
        while (LevelOf(_token.Kind) == level)
        {
            var sign = Take();
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

    private Token Take()
    {
        Words++;
        var taken = _token;
        _token = _lexer.Next();
        return taken;
    }

    private bool TryTake(TokenKind kind)
    {
        var isIt = _token.Kind == kind;
        if (isIt)
        {
            Take();
        }

        return isIt;
    }

    private string TextOf(Token token) => _text.Substring(token.Position, token.Length);
}
