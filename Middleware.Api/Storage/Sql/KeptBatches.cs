using System.Buffers.Binary;
using Middleware.Delivering;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>A batch as it is kept: its id, and the places of its pending deliveries.</summary>
internal sealed record KeptBatch(Guid Id, IReadOnlyList<(Priority Priority, long Sequence)> Deliveries);

/// <summary>The members of batches, as rows.</summary>
internal static class KeptBatches
{
    private const int EntryBytes = 9;

    /// <summary>Keeps a batch, in the place of the one it is a half of. In the writer's transaction.</summary>
    public static bool Keep(WriteTransaction transaction, Shipment batch)
    {
        var endpoint = transaction.EndpointNumber(batch.EndpointId);
        if (batch.HalfOf is { } refused)
        {
            transaction.Statements.DeleteBatch(endpoint, refused);
        }

        transaction.Statements.InsertBatch(endpoint, batch.BatchId!.Value, Write(batch.Deliveries));
        return true;
    }

    public static IReadOnlyList<KeptBatch> Read(ISqlConnection connection, long endpoint)
    {
        var found = new List<KeptBatch>();
        using var read = connection.Prepare("SELECT id, deliveries FROM batches WHERE endpoint = ?1");
        read.Bind(1, endpoint).ForEach(row => found.Add(new KeptBatch(Column.Id(row, 0), Entries(Column.Bytes(row, 1)))));
        return found;
    }

    private static byte[] Write(IReadOnlyList<Delivery> deliveries)
    {
        var bytes = new byte[deliveries.Count * EntryBytes];
        for (var index = 0; index < deliveries.Count; index++)
        {
            var entry = bytes.AsSpan(index * EntryBytes);
            entry[0] = (byte)deliveries[index].Priority;
            BinaryPrimitives.WriteInt64BigEndian(entry[1..], deliveries[index].Sequence);
        }

        return bytes;
    }

    private static List<(Priority, long)> Entries(byte[] bytes) =>
        [.. bytes.Chunk(EntryBytes).Where(static entry => entry.Length == EntryBytes)
            .Select(static entry => ((Priority)entry[0], BinaryPrimitives.ReadInt64BigEndian(entry.AsSpan(1))))];
}
