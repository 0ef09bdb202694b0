namespace Middleware.Filtering.Cesql;

/// <summary>Counts characters as the language does: a surrogate pair is one.</summary>
internal static class Characters
{
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var index = NextHigh(text, 0); index >= 0; index = NextHigh(text, index + 1))
        {
            count -= WidthAt(text, index) - 1;
        }

        return count;
    }

    /// <summary>The number of UTF-16 characters of the character at an index: 1 or 2.</summary>
    public static int WidthAt(ReadOnlySpan<char> text, int index) =>
        index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;

    /// <summary>The width, in UTF-16 units, of the character that ends before an index.</summary>
    public static int WidthBefore(ReadOnlySpan<char> text, int index) => index > 1 ? WidthAt(text[..index], index - 2) : 1;

    /// <summary>The index after so many characters; the end of the text if it has fewer.</summary>
    public static int Skip(ReadOnlySpan<char> text, int characters)
    {
        if (!text[..Math.Min(characters, text.Length)].ContainsAnyInRange('\uD800', '\uDBFF'))
        {
            return Math.Min(characters, text.Length);
        }

        var index = 0;
        while (characters-- > 0 && index < text.Length)
        {
            index += WidthAt(text, index);
        }

        return index;
    }

    private static int NextHigh(ReadOnlySpan<char> text, int start)
    {
        var offset = text[start..].IndexOfAnyInRange('\uD800', '\uDBFF');
        return offset < 0 ? -1 : start + offset;
    }
}

/// <summary>Looks for a piece of a pattern in a value.</summary>
internal abstract class TextSearch
{
    // Short pieces are looked for as the base library does it, which may compare all characters at each place.
    private const int LongestShort = 64;

    /// <summary>The cost of a search beside the characters of the value, in steps.</summary>
    protected virtual int Steps => 8;

    /// <summary>The highest cost of <see cref="StepBudget.ComparedAtOnce"/> characters of the value, in steps.</summary>
    protected abstract int StepsAtOnce { get; }

    public static TextSearch For(string text) => text.Length <= LongestShort ? new Short(text) : new Long(text);

    /// <summary>The end of the piece's first place, else -1. Looks at no more than the budget covers.</summary>
    public int EndIn(ReadOnlySpan<char> value, ref StepBudget budget)
    {
        if (!budget.TrySpend(Steps))
        {
            return -1;
        }

        var stepsAtOnce = StepsAtOnce;
        var isCovered = (long)value.Length * stepsAtOnce / StepBudget.ComparedAtOnce <= budget.Left;
        var end = EndIn(isCovered ? value : value[..(int)(budget.Left * StepBudget.ComparedAtOnce / stepsAtOnce)]);
        var seen = end < 0 ? value.Length : end;
        return budget.TrySpend((long)seen * stepsAtOnce / StepBudget.ComparedAtOnce) ? end : -1;
    }

    protected abstract int EndIn(ReadOnlySpan<char> value);

    private sealed class Short(string text) : TextSearch
    {
        protected override int StepsAtOnce => 1 + (text.Length / 4);

        protected override int EndIn(ReadOnlySpan<char> value) =>
            value.IndexOf(text, StringComparison.Ordinal) is >= 0 and var found ? found + text.Length : -1;
    }

    /// <summary>Looks at no character of the value more than twice (Knuth, Morris and Pratt).</summary>
    private sealed class Long : TextSearch
    {
        private readonly string _text;

        // The number of first characters with which the text up to an index ends, the whole text not counted.
        private readonly int[] _overlaps;

        public Long(string text)
        {
            _text = text;
            _overlaps = new int[text.Length];
            for (var index = 1; index < text.Length; index++)
            {
                _overlaps[index] = Met(_overlaps[index - 1], text[index]);
            }
        }

        protected override int StepsAtOnce => 2 * StepBudget.ComparedAtOnce;

        protected override int EndIn(ReadOnlySpan<char> value)
        {
            var met = 0;
            for (var index = 0; index < value.Length; index++)
            {
                met = Met(met, value[index]);
                if (met == _text.Length)
                {
                    return index + 1;
                }
            }

            return -1;
        }

        /// <summary>The number of first characters that match with one more, where <paramref name="met"/> did.</summary>
        private int Met(int met, char character)
        {
            while (_text[met] != character)
            {
                if (met == 0)
                {
                    return 0;
                }

                met = _overlaps[met - 1];
            }

            return met + 1;
        }
    }
}
