namespace Middleware.Cesql.Parsing;

internal enum TokenKind
{
    End,

    /// <summary>A character that the language does not have.</summary>
    Unknown,

    /// <summary>A string without its closing quote.</summary>
    Unclosed,

    /// <summary>Letters, digits and underscores that are no keyword: the name of an attribute or of a function.</summary>
    Name,

    /// <summary>Digits, without a sign.</summary>
    Integer,

    /// <summary>With its quotes.</summary>
    String,

    Open,
    Close,
    Comma,

    Star,
    Slash,
    Percent,
    Plus,
    Minus,

    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,

    And,
    Or,
    Xor,
    Not,
    Like,
    In,
    Exists,
    True,
    False,
}

/// <summary>A piece of an expression's text.</summary>
internal readonly record struct Token(TokenKind Kind, int Position, int Length)
{
    public int End => Position + Length;

    public bool IsKeyword => Kind >= TokenKind.And;
}
