namespace Middleware.Cesql.Evaluation;

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

    /// <summary>How many UTF-16 characters make up the one at an index: 1 or 2.</summary>
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
