namespace Middleware.Cesql.Evaluation;

/// <summary>What stands between two <c>%</c> of a pattern: characters, and at the indexes of the wildcards any one.</summary>
internal sealed class LikeSegment
{
    private readonly string _text;
    private readonly int _count;
    private readonly bool[] _isWildcard;

    public LikeSegment(string text, List<int> wildcards)
    {
        _text = text;
        _count = Characters.Count(text);
        _isWildcard = wildcards.Count == 0 ? [] : new bool[text.Length];
        wildcards.ForEach(index => _isWildcard[index] = true);
    }

    public bool IsEmpty => _text.Length == 0;

    private bool IsLiteral => _isWildcard.Length == 0;

    /// <summary>Where the segment ends if it is how the value begins, else -1.</summary>
    public int EndAtStartOf(ReadOnlySpan<char> value)
    {
        if (IsLiteral)
        {
            return value.StartsWith(_text, StringComparison.Ordinal) ? _text.Length : -1;
        }

        var end = 0;
        for (var index = 0; index < _text.Length; index++)
        {
            if (end == value.Length || !(_isWildcard[index] || value[end] == _text[index]))
            {
                return -1;
            }

            end += _isWildcard[index] ? Characters.WidthAt(value, end) : 1;
        }

        return end;
    }

    /// <summary>Where the segment ends when it is first found in the value, else -1.</summary>
    public int EndIn(ReadOnlySpan<char> value)
    {
        if (IsLiteral)
        {
            var found = value.IndexOf(_text, StringComparison.Ordinal);
            return found < 0 ? -1 : found + _text.Length;
        }

        for (var start = 0; start < value.Length; start += Characters.WidthAt(value, start))
        {
            var length = EndAtStartOf(value[start..]);
            if (length >= 0)
            {
                return start + length;
            }
        }

        return -1;
    }

    public bool IsAtEndOf(ReadOnlySpan<char> value)
    {
        if (IsLiteral)
        {
            return value.EndsWith(_text, StringComparison.Ordinal);
        }

        var before = Characters.Count(value) - _count;
        if (before < 0)
        {
            return false;
        }

        var last = value[Characters.Skip(value, before)..];
        return EndAtStartOf(last) == last.Length;
    }
}
