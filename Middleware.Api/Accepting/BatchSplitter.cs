using System.Buffers;
using Middleware.Events;

namespace Middleware.Accepting;

internal enum BatchFormat
{
    /// <summary>A JSON array of objects.</summary>
    Array,

    /// <summary>NDJSON: an object on each line; blank lines are left out.</summary>
    Lines,
}

/// <summary>
/// Finds the beginning and end of each event in a batch, without parsing it. Each event is parsed once, when it is judged, so that its fault is its
/// own. A fault between the events is a fault of the batch.
/// </summary>
internal static class BatchSplitter
{
    public const int MaxEvents = 1_000;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"[]{},"u8);
    private static readonly SearchValues<byte> EndOfWord = SearchValues.Create("\"[{ \t\r\n"u8);
    private static readonly SearchValues<byte> EndOfText = SearchValues.Create("\"\\"u8);

    /// <summary>False, with the fault, for a body that is no batch at all.</summary>
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
        for (var start = JsonBody.MarkLength(body); start < body.Length;)
        {
            var length = body[start..].IndexOf((byte)'\n');
            var end = length < 0 ? body.Length : start + length;
            var line = Trim(body, start, end);
            if (line.Start.Value < line.End.Value && !TryAdd(line, events))
            {
                return TooMany;
            }

            start = end + 1;
        }

        return "";
    }

    private static string SplitArray(ReadOnlySpan<byte> body, List<Range> events)
    {
        var array = Trim(body, JsonBody.MarkLength(body), body.Length);
        var position = array.Start.Value;
        if (array.End.Value == position || body[position] != '[')
        {
            return "must be a JSON array of events; for one event on each line the Content-Type is application/x-ndjson";
        }

        // The beginning of an item, and the end of its first text, object or array; 0 before that.
        var (start, firstEnd, depth) = (++position, 0, 1);
        while (FindNext(body, ref position))
        {
            var at = position++;
            switch (body[at])
            {
                case (byte)'"':
                    position = EndOfString(body, position);
                    firstEnd = firstEnd == 0 && depth == 1 ? position : firstEnd;
                    break;
                case (byte)'[' or (byte)'{':
                    depth++;
                    break;
                case (byte)',' when depth == 1:
                    if (Add(body, Trim(body, start, at), firstEnd, events) is { Length: > 0 } fault)
                    {
                        return fault;
                    }

                    (start, firstEnd) = (position, 0);
                    break;
                case (byte)']' or (byte)'}' when --depth == 0:
                    return End(body, Trim(body, start, at), firstEnd, array.End.Value, events);
                case (byte)']' or (byte)'}':
                    firstEnd = firstEnd == 0 && depth == 1 ? position : firstEnd;
                    break;
                default:
                    break;
            }
        }

        return "is not valid JSON: the array does not end";
    }

    private static string End(ReadOnlySpan<byte> body, Range item, int firstEnd, int end, List<Range> events)
    {
        var at = Trim(body, item.End.Value, end).Start.Value;
        if (body[at] != ']' || at + 1 != end)
        {
            return $"is not valid JSON: the array ends at byte {at} and more follows";
        }

        return events.Count == 0 && item.Start.Value == item.End.Value ? "" : Add(body, item, firstEnd, events);
    }

    /// <summary>Adds the item between two commas. Returns the fault of an item that is not one value: then the array as a whole is no JSON.</summary>
    private static string Add(ReadOnlySpan<byte> body, Range item, int firstEnd, List<Range> events)
    {
        var (start, end) = (item.Start.Value, item.End.Value);
        if (start == end)
        {
            return $"is not valid JSON: expected an event at byte {Trim(body, end, body.Length).Start.Value}";
        }

        // A number or a word ends at a space or where a text, an object or an array begins; the end of those is known.
        var wordLength = body[start..end].IndexOfAny(EndOfWord);
        var valueEnd = wordLength == 0 ? firstEnd : wordLength < 0 ? end : start + wordLength;
        if (valueEnd < end)
        {
            return $"is not valid JSON: expected a comma at byte {Trim(body, valueEnd, end).Start.Value}";
        }

        return TryAdd(item, events) ? "" : TooMany;
    }

    private static string TooMany => $"has more than {MaxEvents} events";

    private static bool TryAdd(Range item, List<Range> events)
    {
        events.Add(item);
        return events.Count <= MaxEvents;
    }

    private static bool FindNext(ReadOnlySpan<byte> body, ref int position)
    {
        var offset = body[position..].IndexOfAny(Structure);
        position += Math.Max(offset, 0);
        return offset >= 0;
    }

    /// <summary>The end of the text that begins before <paramref name="position"/>.</summary>
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
