using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Middleware.Events;

namespace Middleware.Http;

/// <summary>The beginning of the next page of a list: opaque to callers, base64url of the list's mark and a place in it.</summary>
internal static class Cursor
{
    public const byte Events = (byte)'e';
    public const byte DeadLetters = (byte)'d';
    public const byte Replays = (byte)'r';
    public const byte Audit = (byte)'a';
    public const byte Erasures = (byte)'x';

    private const int Length = 9;
    private const int TextLength = 12;

    /// <summary>A page of results, with the cursor of the next.</summary>
    public static ListPage<T> ToPage<T>(this HistoryPage<T> found, byte list) => new(found.Items, Write(list, found.Next));

    /// <summary>A page of rows of which one more was looked for, to know of a next page.</summary>
    public static ListPage<T> ToPage<TRow, T>(this IReadOnlyList<TRow> found, int limit, byte list, Func<TRow, long> place, Func<TRow, T> show)
    {
        List<TRow> shown = [.. found.Take(limit)];
        return new([.. shown.Select(show)], Write(list, found.Count > shown.Count ? place(shown[^1]) : null));
    }

    public static string? Write(byte list, long? place)
    {
        if (place is null)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = list;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], place.Value);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False for a text that was not written here for this list.</summary>
    public static bool TryRead(string text, byte list, out long place)
    {
        Span<byte> bytes = stackalloc byte[Length];
        place = 0;
        if (text.Length != TextLength || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        place = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        return written == Length && bytes[0] == list && place > 0;
    }
}

/// <summary>A page of a list, newest first.</summary>
/// <param name="Items">May be fewer than asked for, or none, while there is a next cursor: a page looks at so many events and no more.</param>
/// <param name="NextCursor">The cursor of the next page; null for the last page.</param>
internal sealed record ListPage<T>(IReadOnlyList<T> Items, string? NextCursor) : IHeldAnswer
{
    // The texts of an item have at most 256 characters each.
    private const int BytesOfItem = 2 << 10;

    long IHeldAnswer.Bytes => Items.Sum(static item => item is IHeldAnswer held ? held.Bytes : BytesOfItem);
}
