using System.Buffers;
using System.Runtime.InteropServices;

namespace Bench.Serve;

/// <summary>Which events came to which endpoint, by their ids: how many, and how many more than once.</summary>
internal sealed class EventTally
{
    /// <summary>The number of endpoints that are counted apart.</summary>
    public const int MostEndpoints = 32;

    private static ReadOnlySpan<byte> Marker => "\"event_id\":\""u8;

    // A bit for each endpoint that has had it: ten sets of the same ids would be ten times the memory.
    private readonly Dictionary<UInt128, uint> _ids = [];

    public long Events { get; private set; }

    /// <summary>Each event once for each endpoint that it came to.</summary>
    public long Unique { get; private set; }

    /// <summary>Requests in which no event id was found.</summary>
    public long Unreadable { get; private set; }

    /// <summary>The first event id of a body; 0 for none.</summary>
    public static UInt128 IdIn(ReadOnlySpan<byte> body)
    {
        Span<byte> id = stackalloc byte[16];
        var at = body.IndexOf(Marker);
        return at >= 0 && Convert.FromHexString(body[(at + Marker.Length)..][..32], id, out _, out _) == OperationStatus.Done ? MemoryMarshal.Read<UInt128>(id) : 0;
    }

    /// <summary>The ids of a file that <see cref="Save"/> wrote.</summary>
    public static HashSet<UInt128> Load(string path) => [.. MemoryMarshal.Cast<byte, UInt128>(File.ReadAllBytes(path))];

    public void Save(string path) => File.WriteAllBytes(path, MemoryMarshal.AsBytes<UInt128>(_ids.Keys.ToArray()));

    public void Expect(long events) => _ids.EnsureCapacity(_ids.Count + (int)Math.Min(events, 1_000_000));

    /// <summary>Counts the events of a body (one, or a batch) for an endpoint, by its number, and answers how many there are.</summary>
    public int Count(ReadOnlySpan<byte> body, int endpoint)
    {
        Span<byte> id = stackalloc byte[16];
        var found = 0;
        for (var at = body.IndexOf(Marker); at >= 0; at = body.IndexOf(Marker))
        {
            body = body[(at + Marker.Length)..];
            if (body.Length < 32 || Convert.FromHexString(body[..32], id, out _, out _) != OperationStatus.Done)
            {
                break;
            }

            Add(MemoryMarshal.Read<UInt128>(id), 1u << endpoint);
            found++;
        }

        Events += found;
        Unreadable += found == 0 ? 1 : 0;
        return found;
    }

    private void Add(UInt128 id, uint endpoint)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, id, out _);
        Unique += (seen & endpoint) == 0 ? 1 : 0;
        seen |= endpoint;
    }
}
