namespace Middleware.Filtering.Cesql;

/// <summary>Gives the tokens of an expression to its parsers, counts the depth of their nesting, and keeps the first fault.</summary>
internal sealed class TokenReader
{
    private const int MostShown = 40;

    private readonly string _text;
    private readonly Lexer _lexer;
    private int _depth;
    private CesqlFault? _fault;
    private CesqlFault? _missingFunction;

    public TokenReader(string text)
    {
        _text = text;
        _lexer = new Lexer(text);
        Current = _lexer.Next();
    }

    public Token Current { get; private set; }

    /// <summary>The number of names, signs and literals that were taken.</summary>
    public int Words { get; private set; }

    /// <summary>The first fault; a text that is no expression at all comes before a function that is missing. Null for none.</summary>
    public CesqlFault? Fault => _fault ?? _missingFunction;

    /// <summary>True for quotes as in 'it''s', which is SQL but not this language.</summary>
    public bool IsAtDoubledQuote =>
        Current is { Kind: TokenKind.String or TokenKind.Unclosed, Position: > 0 } && _text[Current.Position - 1] == _text[Current.Position];

    public Token Take()
    {
        Words++;
        var taken = Current;
        Current = _lexer.Next();
        return taken;
    }

    public bool TryTake(TokenKind kind)
    {
        var isIt = Current.Kind == kind;
        if (isIt)
        {
            Take();
        }

        return isIt;
    }

    public string TextOf(Token token) => _text.Substring(token.Position, token.Length);

    /// <summary>Counts a level of nesting; false, with a fault, past the limit.</summary>
    public bool TryDescend()
    {
        if (_depth == CesqlExpression.MaxDepth)
        {
            Fail(Current.Position, $"nested deeper than {CesqlExpression.MaxDepth} levels");
            return false;
        }

        _depth++;
        return true;
    }

    public void Ascend() => _depth--;

    /// <summary>Notes that something else than the current token was expected; null for the part that is missing.</summary>
    public Node? Expected(string what) => Fail(Current.Position, Current.Kind switch
    {
        TokenKind.End => $"expected {what}, but the expression ends",
        TokenKind.Unknown => $"{TextOf(Current)} is not part of the language",
        TokenKind.Unclosed => "the string that begins here does not end",
        _ when Current.IsKeyword => $"expected {what}, found the keyword {TextOf(Current)}",
        _ => $"expected {what}, found {Shown(TextOf(Current))}",
    });

    /// <summary>Notes a fault; null for the part that has it.</summary>
    public Node? Fail(int position, string reason)
    {
        _fault ??= new CesqlFault(CesqlFaultKind.Parse, position, reason);
        return null;
    }

    /// <summary>Notes an unknown function. The rest is still read: a text that is no expression is the more important fault.</summary>
    public void FailMissingFunction(int position, string reason) => _missingFunction ??= new CesqlFault(CesqlFaultKind.MissingFunction, position, reason);

    public static string Shown(string text) => text.Length <= MostShown ? text : $"{text.AsSpan(0, MostShown)}...";
}
