using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Middleware.Accepting;

namespace Middleware.Storage.Sql;

/// <summary>
/// The results of a request as its idempotency key keeps them: a mark, then an entry for each event. While the request is kept in parts, an entry has
/// the place (4 bytes, big-endian) and the id (16 bytes, big-endian) of a kept event. So the same request, sent again after a crash between two
/// parts, goes on from there. After the last part it also has the outcome (1 byte) and the correlation id (its length in 1 byte, and ASCII).
/// </summary>
internal static class KeptResults
{
    private const byte Part = 0;
    private const byte Whole = 1;
    private const int IdBytes = 16;
    private const int PlaceAndId = sizeof(int) + IdBytes;

    public static bool IsPart(ReadOnlySpan<byte> kept) => kept is [Part, ..];

    /// <summary>Null when no event was accepted: a repeated request is judged again.</summary>
    public static byte[]? Write(EventResult[] results)
    {
        if (!Array.Exists(results, static result => result.IsAccepted))
        {
            return null;
        }

        var bytes = new byte[1 + results.Sum(static result => PlaceAndId + 2 + result.CorrelationId.Length)];
        bytes[0] = Whole;
        var rest = bytes.AsSpan(1);
        foreach (var result in results)
        {
            WritePlaceAndId(result, rest);
            rest[PlaceAndId] = (byte)result.Outcome;
            rest[PlaceAndId + 1] = (byte)Encoding.ASCII.GetBytes(result.CorrelationId, rest[(PlaceAndId + 2)..]);
            rest = rest[(PlaceAndId + 2 + result.CorrelationId.Length)..];
        }

        return bytes;
    }

    /// <summary>Null when none of the events up to <paramref name="through"/> was kept, now or before.</summary>
    public static byte[]? WritePart(EventResult[] results, int through)
    {
        var kept = results.Where((result, index) => index < through ? result.IsAccepted : result.IsKeptBefore).ToList();
        if (kept.Count == 0)
        {
            return null;
        }

        var bytes = new byte[1 + (kept.Count * PlaceAndId)];
        bytes[0] = Part;
        for (var index = 0; index < kept.Count; index++)
        {
            WritePlaceAndId(kept[index], bytes.AsSpan(1 + (index * PlaceAndId)));
        }

        return bytes;
    }

    /// <summary>The results of a whole request; up to version 0.1.0 they were kept as the JSON of the answer.</summary>
    public static IReadOnlyList<EventResult> Read(byte[] kept) => kept is [Whole, ..] ? ReadWhole(kept.AsSpan(1)) : ReadJson(kept);

    /// <summary>Notes in a request the events that were kept before it was cut off.</summary>
    public static void ReadPart(ReadOnlySpan<byte> kept, AcceptItem item, ISqlConnection connection)
    {
        var byPlace = Enumerable.Range(0, item.Events.Count).ToDictionary(index => item.Events[index].Place);
        using var find = connection.Prepare("SELECT correlation_id FROM events WHERE id = ?1");
        for (var rest = kept[1..]; rest.Length >= PlaceAndId; rest = rest[PlaceAndId..])
        {
            var place = BinaryPrimitives.ReadInt32BigEndian(rest);
            if (byPlace.TryGetValue(place, out var index))
            {
                // An event that was delivered and purged meanwhile was kept all the same.
                var correlationId = item.Events[index].Event.CorrelationId;
                find.Bind(1, rest.Slice(sizeof(int), IdBytes)).ForEach(row => correlationId = Column.Text(row, 0));
                item.Results[index] = new EventResult(place, AcceptOutcome.Accepted, IdIn(rest), correlationId, IsKeptBefore: true);
            }
        }
    }

    private static List<EventResult> ReadWhole(ReadOnlySpan<byte> rest)
    {
        var results = new List<EventResult>();
        while (rest.Length > 0)
        {
            var correlationId = Encoding.ASCII.GetString(rest.Slice(PlaceAndId + 2, rest[PlaceAndId + 1]));
            results.Add(new EventResult(BinaryPrimitives.ReadInt32BigEndian(rest), (AcceptOutcome)rest[PlaceAndId], IdIn(rest), correlationId));
            rest = rest[(PlaceAndId + 2 + correlationId.Length)..];
        }

        return results;
    }

    private static List<EventResult> ReadJson(byte[] answer)
    {
        using var json = JsonDocument.Parse(answer);
        var items = json.RootElement.TryGetProperty("results"u8, out var batch) ? batch.EnumerateArray().ToList() : [json.RootElement];
        var results = new List<EventResult>();
        for (var place = 0; place < items.Count; place++)
        {
            if (items[place].TryGetProperty("event_id"u8, out var id))
            {
                results.Add(new EventResult(place, AcceptOutcome.Accepted, Guid.Parse(id.GetString()!), items[place].GetProperty("correlation_id"u8).GetString()!));
            }
            else if (items[place].GetProperty("errors"u8).TryGetProperty("queue"u8, out _))
            {
                results.Add(new EventResult(place, AcceptOutcome.QueueFull, Guid.Empty, ""));
            }
        }

        return results;
    }

    private static void WritePlaceAndId(EventResult result, Span<byte> entry)
    {
        BinaryPrimitives.WriteInt32BigEndian(entry, result.Place);
        result.Id.TryWriteBytes(entry[sizeof(int)..], bigEndian: true, out _);
    }

    private static Guid IdIn(ReadOnlySpan<byte> entry) => new(entry.Slice(sizeof(int), IdBytes), bigEndian: true);
}
