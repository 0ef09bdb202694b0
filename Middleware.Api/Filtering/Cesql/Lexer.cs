using System.Buffers;
using System.Collections.Frozen;

namespace Middleware.Filtering.Cesql;

/// <summary>Cuts the text of an expression into tokens.</summary>
internal sealed class Lexer(string text)
{
    private static readonly SearchValues<char> OfNames =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly FrozenDictionary<string, TokenKind>.AlternateLookup<ReadOnlySpan<char>> Keywords =
        new Dictionary<string, TokenKind>
        {
            ["AND"] = TokenKind.And,
            ["OR"] = TokenKind.Or,
            ["XOR"] = TokenKind.Xor,
            ["NOT"] = TokenKind.Not,
            ["LIKE"] = TokenKind.Like,
            ["IN"] = TokenKind.In,
            ["EXISTS"] = TokenKind.Exists,
            ["TRUE"] = TokenKind.True,
            ["FALSE"] = TokenKind.False,
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private int _position;

    public Token Next()
    {
        var spaces = text.AsSpan(_position).IndexOfAnyExcept(" \t\r\n");
        if (spaces < 0)
        {
            return new(TokenKind.End, text.Length, 0);
        }

        var start = _position + spaces;
        var (kind, length) = Read(text.AsSpan(start));
        _position = start + length;
        return new(kind, start, length);
    }

    private static (TokenKind Kind, int Length) Read(ReadOnlySpan<char> rest) => rest switch
    {
        ['\'' or '"', ..] => ReadString(rest),
        ['(', ..] => (TokenKind.Open, 1),
        [')', ..] => (TokenKind.Close, 1),
        [',', ..] => (TokenKind.Comma, 1),
        ['*', ..] => (TokenKind.Star, 1),
        ['/', ..] => (TokenKind.Slash, 1),
        ['%', ..] => (TokenKind.Percent, 1),
        ['+', ..] => (TokenKind.Plus, 1),
        ['-', ..] => (TokenKind.Minus, 1),
        ['=', ..] => (TokenKind.Equal, 1),
        ['!', '=', ..] or ['<', '>', ..] => (TokenKind.NotEqual, 2),
        ['<', '=', ..] => (TokenKind.LessOrEqual, 2),
        ['>', '=', ..] => (TokenKind.GreaterOrEqual, 2),
        ['<', ..] => (TokenKind.Less, 1),
        ['>', ..] => (TokenKind.Greater, 1),
        _ => ReadWord(rest),
    };

    private static (TokenKind Kind, int Length) ReadWord(ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExcept(OfNames);
        var word = length < 0 ? rest : rest[..length];
        return word switch
        {
            [] => (TokenKind.Unknown, Characters.WidthAt(rest, 0)),
            _ when Keywords.TryGetValue(word, out var keyword) => (keyword, word.Length),
            _ when !word.ContainsAnyExceptInRange('0', '9') => (TokenKind.Integer, word.Length),
            _ => (TokenKind.Name, word.Length),
        };
    }

    /// <summary>A backslash takes the character after it along, so that neither ends the string.</summary>
    private static (TokenKind Kind, int Length) ReadString(ReadOnlySpan<char> rest)
    {
        for (var index = 1; index < rest.Length; index += rest[index] == '\\' ? 2 : 1)
        {
            if (rest[index] == rest[0])
            {
                return (TokenKind.String, index + 1);
            }
        }

        return (TokenKind.Unclosed, rest.Length);
    }
}

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
