using System.Globalization;
using System.Text;

namespace Middleware.Streaming;

/// <summary>
/// A place in the streams of accepted events: those up to a number of each stream are before it. A store with one writer has one stream. Its text is
/// <c>s.</c> and the number, or <c>r.</c>, a base and the streams beyond that; numbers are hexadecimal. Used by one thread at a time.
/// </summary>
internal sealed class StreamPlace
{
    /// <summary>The streams of a store that replicas share.</summary>
    public const int MostStreams = 64;

    /// <summary>The longest text of a place.</summary>
    public const int MaxLength = 2_048;

    private const int CounterBits = 16;
    private const string OfOne = "s.";
    private const string OfReplicas = "r.";

    private readonly long[] _last;
    private long _base;

    /// <param name="last">The last number of each stream that is before the place.</param>
    /// <param name="from">The number up to which nothing of the streams that are not beyond it is missing.</param>
    public StreamPlace(IReadOnlyList<long> last, long from) => (_last, _base) = ([.. last], from);

    /// <summary>The last number of each stream that is before it.</summary>
    public IReadOnlyList<long> Last => _last;

    /// <summary>The highest number that is before it.</summary>
    public long Newest => _last.Max();

    /// <summary>The stream of a number.</summary>
    public int StreamOf(long number) => _last.Length == 1 ? 0 : (int)(number >> CounterBits) & (MostStreams - 1);

    public StreamPlace Copy() => new(_last, _base);

    /// <summary>Moves it to another place, behind this one in no stream.</summary>
    public void Become(StreamPlace other)
    {
        other._last.CopyTo(_last, 0);
        _base = other._base;
    }

    /// <summary>Moves it past an event.</summary>
    public void Pass(long number) => Raise(StreamOf(number), number);

    /// <summary>Moves it past all numbers of a stream up to one.</summary>
    public void Raise(int stream, long number) => _last[stream] = Math.Max(_last[stream], number);

    /// <summary>Raises the base: no stream has anything more to show up to this number.</summary>
    public void RaiseBase(long from) => _base = Math.Max(_base, from);

    /// <summary>Null for a text that is no place of a store with so many streams.</summary>
    public static StreamPlace? TryParse(string text, int streams)
    {
        var prefix = streams == 1 ? OfOne : OfReplicas;
        if (text.Length > MaxLength || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = text[prefix.Length..].Split('_');
        if (TryNumber(parts[0]) is not { } from || (streams == 1 && parts.Length > 1))
        {
            return null;
        }

        var last = new long[streams];
        Array.Fill(last, from);
        var before = -1;
        foreach (var part in parts.Skip(1))
        {
            if (part.Split('.') is not [var name, var beyond]
                || !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var stream) || stream <= before || stream >= streams
                || TryNumber(beyond) is not { } number || number > long.MaxValue - from)
            {
                return null;
            }

            (last[stream], before) = (from + number, stream);
        }

        return new StreamPlace(last, from);
    }

    public override string ToString()
    {
        if (_last.Length == 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{OfOne}{_last[0]:x}");
        }

        var text = new StringBuilder(OfReplicas).Append(CultureInfo.InvariantCulture, $"{_base:x}");
        for (var stream = 0; stream < _last.Length; stream++)
        {
            if (_last[stream] > _base)
            {
                text.Append(CultureInfo.InvariantCulture, $"_{stream}.{_last[stream] - _base:x}");
            }
        }

        return text.ToString();
    }

    private static long? TryNumber(string text) =>
        text.Length is > 0 and <= 16 && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : null;
}
