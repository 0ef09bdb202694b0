using System.Buffers;

namespace Middleware.Filtering.Cesql;

/// <summary>
/// Looks for characters among which some may be any one. All possible beginnings are followed at once, with a bit for each that is set while all
/// characters up to it were met. So no character of a value is looked at twice (shift-and).
/// </summary>
internal sealed class GappedText : TextSearch
{
    private const int BitsOfWord = 64;

    // So many are found faster one after the other.
    private const int FewCharacters = 16;

    // For each position its character, in UTF-32; null for any. All characters of the piece, in order.
    private readonly int?[] _positions;
    private readonly int[] _characters;
    private readonly char _start;

    // Of each character, and last of all others, the bits of the positions where it may stand. Null where it is large: then it is made for each
    // search.
    private readonly ulong[]? _table;

    /// <param name="text">Begins and ends with a character that is no wildcard.</param>
    /// <param name="isWildcard">True for a character of UTF-16 that may be any.</param>
    public GappedText(string text, ReadOnlySpan<bool> isWildcard)
    {
        List<int?> positions = [];
        for (var index = 0; index < text.Length; index += Characters.WidthAt(text, index))
        {
            positions.Add(isWildcard[index] ? null : CharacterAt(text, index));
        }

        _positions = [.. positions];
        _characters = [.. positions.OfType<int>().Distinct().Order()];
        _start = text[0];
        _table = Words == 1 ? Fill(new ulong[TableLength]) : null;
    }

    protected override int Steps => base.Steps + (_table is null ? TableLength : 0);

    protected override int StepsAtOnce => StepBudget.ComparedAtOnce * (Words + 4);

    private int Words => (_positions.Length + BitsOfWord - 1) / BitsOfWord;

    private int TableLength => (_characters.Length + 1) * Words;

    protected override int EndIn(ReadOnlySpan<char> value)
    {
        if (_table is not null)
        {
            return EndIn(value, _table);
        }

        var rented = ArrayPool<ulong>.Shared.Rent(TableLength);
        var end = EndIn(value, Fill(rented));
        ArrayPool<ulong>.Shared.Return(rented);
        return end;
    }

    private static int CharacterAt(ReadOnlySpan<char> text, int index) =>
        Characters.WidthAt(text, index) == 2 ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index];

    private int EndIn(ReadOnlySpan<char> value, ReadOnlySpan<ulong> table)
    {
        Span<ulong> met = stackalloc ulong[Words];
        met.Clear();
        var (isBegun, last) = (false, 1UL << ((_positions.Length - 1) % BitsOfWord));
        for (var index = 0; index < value.Length; index += Characters.WidthAt(value, index))
        {
            if (!isBegun)
            {
                var start = value[index..].IndexOf(_start);
                if (start < 0)
                {
                    return -1;
                }

                index += start;
            }

            var row = RowOf(CharacterAt(value, index));
            isBegun = Follow(met, table.Slice((row < 0 ? _characters.Length : row) * met.Length, met.Length));
            if ((met[^1] & last) != 0)
            {
                return index + Characters.WidthAt(value, index);
            }
        }

        return -1;
    }

    /// <summary>Negative for a character outside the piece.</summary>
    private int RowOf(int character) => _characters.Length <= FewCharacters ? _characters.AsSpan().IndexOf(character) : Array.BinarySearch(_characters, character);

    /// <summary>Goes on by a character; false when no beginning is met any more.</summary>
    private static bool Follow(Span<ulong> met, ReadOnlySpan<ulong> places)
    {
        // A place may begin with each character.
        var (carry, any) = (1UL, 0UL);
        for (var word = 0; word < met.Length; word++)
        {
            var before = met[word];
            met[word] = ((before << 1) | carry) & places[word];
            carry = before >> (BitsOfWord - 1);
            any |= met[word];
        }

        return any != 0;
    }

    private ulong[] Fill(ulong[] table)
    {
        var words = Words;
        Array.Clear(table, 0, TableLength);
        for (var index = 0; index < _positions.Length; index++)
        {
            var row = _positions[index] is { } character ? RowOf(character) : _characters.Length;
            table[(row * words) + (index / BitsOfWord)] |= 1UL << (index % BitsOfWord);
        }

        var any = table.AsSpan(_characters.Length * words, words);
        for (var index = 0; index < _characters.Length * words; index++)
        {
            table[index] |= any[index % words];
        }

        return table;
    }
}
