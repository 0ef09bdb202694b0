using System.Buffers.Binary;
using Middleware.UseCases;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The place-holder of a request's answer while the request is kept in parts: the events that were kept, and their ids. The same
/// request, sent again after a crash between two parts, goes on from there. A mark, then for each event its place (4 bytes, big-endian) and
/// its id (16 bytes, big-endian).
/// </summary>
internal static class PartialAnswer
{
    // No answer begins with it: they are JSON.
    private const byte Mark = 0;
    private const int IdBytes = 16;
    private const int EntryBytes = sizeof(int) + IdBytes;

    /// <summary>Null when none of the events up to <paramref name="through"/> was kept.</summary>
    public static byte[]? Write(IReadOnlyList<RoutedEvent> events, int through)
    {
        var kept = events.Take(through).Where(static routed => routed.Outcome == AcceptOutcome.Accepted)
            .Concat(events.Skip(through).Where(static routed => routed.KeptBefore is not null))
            .ToList();
        if (kept.Count == 0)
        {
            return null;
        }

        var bytes = new byte[1 + (kept.Count * EntryBytes)];
        bytes[0] = Mark;
        for (var index = 0; index < kept.Count; index++)
        {
            var entry = bytes.AsSpan(1 + (index * EntryBytes), EntryBytes);
            BinaryPrimitives.WriteInt32BigEndian(entry, kept[index].Place);
            kept[index].Id.TryWriteBytes(entry[sizeof(int)..], bigEndian: true, out _);
        }

        return bytes;
    }

    public static bool IsOne(ReadOnlySpan<byte> answer) => answer is [Mark, ..];

    /// <summary>Has those of the events that were kept know it, with what they were kept as.</summary>
    public static void Apply(ReadOnlySpan<byte> answer, IReadOnlyList<RoutedEvent> events, sqlite3 connection)
    {
        var byPlace = events.ToDictionary(static routed => routed.Place);
        using var find = new Statement(connection, "SELECT correlation_id FROM events WHERE id = ?1");
        for (var rest = answer[1..]; rest.Length >= EntryBytes; rest = rest[EntryBytes..])
        {
            if (byPlace.TryGetValue(BinaryPrimitives.ReadInt32BigEndian(rest), out var routed))
            {
                var id = rest.Slice(sizeof(int), IdBytes);

                // One that was delivered and purged meanwhile was kept all the same.
                var correlationId = routed.Event.CorrelationId;
                find.Bind(1, id).ForEach(row => correlationId = Column.Text(row, 0));
                routed.KeptBefore = new KeptEvent(new Guid(id, bigEndian: true), correlationId);
                routed.Outcome = AcceptOutcome.Accepted;
            }
        }
    }
}
