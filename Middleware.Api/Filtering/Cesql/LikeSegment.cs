namespace Middleware.Filtering.Cesql;

/// <summary>A segment between two <c>%</c> of a pattern: characters, and at the indexes of the wildcards any one.</summary>
internal sealed class LikeSegment
{
    private readonly string _text;

    // Empty without wildcards.
    private readonly bool[] _isWildcard;

    // Those before and behind all else only skip characters, in any place of the rest.
    private readonly int _before;
    private readonly int _behind;

    // Null when there is no rest.
    private readonly TextSearch? _search;

    public LikeSegment(string text, IReadOnlyCollection<int> wildcards)
    {
        _text = text;
        _isWildcard = wildcards.Count == 0 ? [] : new bool[text.Length];
        foreach (var index in wildcards)
        {
            _isWildcard[index] = true;
        }

        if (wildcards.Count == text.Length)
        {
            _before = text.Length;
            return;
        }

        _before = IsLiteral ? 0 : _isWildcard.AsSpan().IndexOf(false);
        _behind = IsLiteral ? 0 : text.Length - 1 - _isWildcard.AsSpan().LastIndexOf(false);
        var rest = text[_before..^_behind];
        _search = wildcards.Count > _before + _behind
            ? new GappedText(rest, _isWildcard.AsSpan(_before, rest.Length))
            : TextSearch.For(rest);
    }

    public bool IsEmpty => _text.Length == 0;

    private bool IsLiteral => _isWildcard.Length == 0;

    /// <summary>The end of the segment at the beginning of the value, else -1.</summary>
    public int EndAtStartOf(ReadOnlySpan<char> value, ref StepBudget budget)
    {
        if (!TrySpendForText(ref budget))
        {
            return -1;
        }

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

    /// <summary>The end of the segment's first place in the value, else -1.</summary>
    public int EndIn(ReadOnlySpan<char> value, ref StepBudget budget)
    {
        if (!budget.TrySpend(_before + _behind))
        {
            return -1;
        }

        var start = EndOfSkipped(value, _before);
        if (start < 0 || _search is null)
        {
            return start;
        }

        var length = _search.EndIn(value[start..], ref budget);
        var behind = length < 0 ? -1 : EndOfSkipped(value[(start + length)..], _behind);
        return behind < 0 ? -1 : start + length + behind;
    }

    public bool IsAtEndOf(ReadOnlySpan<char> value, ref StepBudget budget)
    {
        if (!TrySpendForText(ref budget))
        {
            return false;
        }

        if (IsLiteral)
        {
            return value.EndsWith(_text, StringComparison.Ordinal);
        }

        var start = value.Length;
        for (var index = _text.Length - 1; index >= 0; index--)
        {
            if (start == 0 || !(_isWildcard[index] || value[start - 1] == _text[index]))
            {
                return false;
            }

            start -= _isWildcard[index] ? Characters.WidthBefore(value, start) : 1;
        }

        return true;
    }

    private static int EndOfSkipped(ReadOnlySpan<char> value, int characters)
    {
        var index = 0;
        for (; characters > 0 && index < value.Length; characters--)
        {
            index += Characters.WidthAt(value, index);
        }

        return characters > 0 ? -1 : index;
    }

    private bool TrySpendForText(ref StepBudget budget) => IsLiteral ? budget.TryCompare(_text.Length) : budget.TrySpend(_text.Length);
}
