using System.Buffers;

namespace Middleware.Api;

/// <summary>How the events of a batch stand in its body.</summary>
internal enum BatchFormat
{
    /// <summary>A JSON array of objects.</summary>
    Array,

    /// <summary>NDJSON: an object on each line; blank lines are left out.</summary>
    Lines,
}

/// <summary>
/// Finds where the events of a batch begin and end, without parsing them: each is parsed once, by who judges it, so that what is wrong with
/// one says nothing of the others.
/// </summary>
internal static class BatchSplitter
{
    /// <summary>How many events one batch has at most.</summary>
    public const int MaxEvents = 1_000;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"[]{},"u8);
    private static readonly SearchValues<byte> EndOfText = SearchValues.Create("\"\\"u8);

    /// <summary>False, with what is wrong, for a body that is no batch at all.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> body, BatchFormat format, out List<Range> events, out string fault)
    {
        events = [];
        fault = format == BatchFormat.Array ? SplitArray(body, events) : SplitLines(body, events);
        if (fault.Length == 0 && events.Count == 0)
        {
            fault = "has no event";
        }

        return fault.Length == 0;
    }

    private static string SplitLines(ReadOnlySpan<byte> body, List<Range> events)
    {
        for (var start = 0; start < body.Length;)
        {
            var length = body[start..].IndexOf((byte)'\n');
            var end = length < 0 ? body.Length : start + length;
            if (!TryAdd(Trim(body, start, end), allowEmpty: true, events))
            {
                return TooMany;
            }

            start = end + 1;
        }

        return "";
    }

    private static string SplitArray(ReadOnlySpan<byte> body, List<Range> events)
    {
        var array = Trim(body, 0, body.Length);
        var position = array.Start.Value;
        if (array.End.Value == position || body[position] != '[')
        {
            return "must be a JSON array of events; for one event on each line the Content-Type is application/x-ndjson";
        }

        var (start, depth) = (++position, 1);
        while (FindNext(body, ref position))
        {
            var at = position++;
            switch (body[at])
            {
                case (byte)'"':
                    position = EndOfString(body, position);
                    break;
                case (byte)'[' or (byte)'{':
                    depth++;
                    break;
                case (byte)',' when depth == 1:
                    if (!TryAdd(Trim(body, start, at), allowEmpty: false, events))
                    {
                        return TooMany;
                    }

                    start = position;
                    break;
                case (byte)']' or (byte)'}' when --depth == 0:
                    return End(body, start, at, array.End.Value, events);
                default:
                    break;
            }
        }

        return "is not valid JSON: the array does not end";
    }

    private static string End(ReadOnlySpan<byte> body, int start, int at, int end, List<Range> events)
    {
        if (body[at] != ']' || at + 1 != end)
        {
            return $"is not valid JSON: the array ends at byte {at} and more follows";
        }

        return TryAdd(Trim(body, start, at), allowEmpty: events.Count == 0, events) ? "" : TooMany;
    }

    private static string TooMany => $"has more than {MaxEvents} events";

    private static bool TryAdd(Range item, bool allowEmpty, List<Range> events)
    {
        if (allowEmpty && item.Start.Value == item.End.Value)
        {
            return true;
        }

        events.Add(item);
        return events.Count <= MaxEvents;
    }

    private static bool FindNext(ReadOnlySpan<byte> body, ref int position)
    {
        var offset = body[position..].IndexOfAny(Structure);
        position += Math.Max(offset, 0);
        return offset >= 0;
    }

    /// <summary>Where the text that begins before <paramref name="position"/> has ended.</summary>
    private static int EndOfString(ReadOnlySpan<byte> body, int position)
    {
        while (position < body.Length)
        {
            var offset = body[position..].IndexOfAny(EndOfText);
            if (offset < 0)
            {
                break;
            }

            position += offset;
            if (body[position] == '"')
            {
                return position + 1;
            }

            position += 2;
        }

        return body.Length;
    }

    private static Range Trim(ReadOnlySpan<byte> body, int start, int end)
    {
        while (start < end && IsSpace(body[start]))
        {
            start++;
        }

        while (end > start && IsSpace(body[end - 1]))
        {
            end--;
        }

        return start..end;
    }

    private static bool IsSpace(byte character) => character is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
