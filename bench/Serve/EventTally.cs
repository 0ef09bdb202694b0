using System.Buffers;
using System.Runtime.InteropServices;

namespace Bench.Serve;

/// <summary>Which events came to which endpoint, by their ids: how many, and how many more than once.</summary>
internal sealed class EventTally
{
    private static ReadOnlySpan<byte> Marker => "\"event_id\":\""u8;

    // A bit for each endpoint that has had it, so that 32 are counted apart: ten sets of the same ids would be ten times the memory.
    private readonly Dictionary<UInt128, uint> _ids = [];

    public long Events { get; private set; }

    /// <summary>Each event once for each endpoint that it came to.</summary>
    public long Unique { get; private set; }

    /// <summary>Requests in which no event id was found.</summary>
    public long Unreadable { get; private set; }

    /// <summary>The first event id of a body; 0 for none.</summary>
    public static UInt128 IdIn(ReadOnlySpan<byte> body) => TryTake(ref body, out var id) ? id : 0;

    /// <summary>The ids of a file that <see cref="Save"/> wrote.</summary>
    public static HashSet<UInt128> Load(string path) => [.. MemoryMarshal.Cast<byte, UInt128>(File.ReadAllBytes(path))];

    public void Save(string path) => File.WriteAllBytes(path, MemoryMarshal.AsBytes<UInt128>(_ids.Keys.ToArray()));

    public void Expect(long events) => _ids.EnsureCapacity(_ids.Count + (int)Math.Min(events, 1_000_000));

    /// <summary>Counts the events of a body (one, or a batch) for an endpoint, by its number, and answers how many there are.</summary>
    public int Count(ReadOnlySpan<byte> body, int endpoint)
    {
        var found = 0;
        while (TryTake(ref body, out var id))
        {
            Add(id, 1u << endpoint);
            found++;
        }

        Events += found;
        Unreadable += found == 0 ? 1 : 0;
        return found;
    }

    /// <summary>Reads the next event id of a body, which then begins with it.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> body, out UInt128 id)
    {
        var at = body.IndexOf(Marker);
        body = at < 0 ? [] : body[(at + Marker.Length)..];
        Span<byte> bytes = stackalloc byte[16];
        var isRead = body.Length >= 32 && Convert.FromHexString(body[..32], bytes, out _, out _) == OperationStatus.Done;
        id = isRead ? MemoryMarshal.Read<UInt128>(bytes) : 0;
        return isRead;
    }

    private void Add(UInt128 id, uint endpoint)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, id, out _);
        Unique += (seen & endpoint) == 0 ? 1 : 0;
        seen |= endpoint;
    }
}
