namespace Middleware.Domain;

/// <summary>
/// A name, or a pattern in which <c>*</c> stands for any characters or none; all others stand for themselves, case included. It is cut at
/// each <c>*</c>; the pieces are looked for from left to right and never again, so a match never goes back past a piece.
/// </summary>
internal sealed class WildcardPattern
{
    private readonly string[] _middle;
    private readonly string _first;

    // Null without any *: then the first piece is all there is.
    private readonly string? _last;

    public WildcardPattern(string text)
    {
        Text = text;
        var pieces = text.Split('*');
        _first = pieces[0];
        _last = pieces.Length > 1 ? pieces[^1] : null;
        _middle = [.. pieces.Skip(1).SkipLast(1).Where(static piece => piece.Length > 0)];
    }

    /// <summary>As it was given.</summary>
    public string Text { get; }

    public bool Matches(ReadOnlySpan<char> name)
    {
        if (_last is null)
        {
            return name.SequenceEqual(_first);
        }

        if (name.Length < _first.Length + _last.Length || !name.StartsWith(_first) || !name.EndsWith(_last))
        {
            return false;
        }

        var rest = name[_first.Length..^_last.Length];
        foreach (var piece in _middle)
        {
            var found = rest.IndexOf(piece);
            if (found < 0)
            {
                return false;
            }

            rest = rest[(found + piece.Length)..];
        }

        return true;
    }
}
