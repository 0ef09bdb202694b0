using System.Buffers;
using System.Runtime.InteropServices;

namespace Bench.Serve;

/// <summary>Which events came, by their ids: how many, and how many more than once.</summary>
internal sealed class EventTally
{
    private static ReadOnlySpan<byte> Marker => "\"event_id\":\""u8;

    private readonly HashSet<UInt128> _ids = [];

    public long Events { get; private set; }

    public long Unique => _ids.Count;

    /// <summary>Requests in which no event id was found.</summary>
    public long Unreadable { get; private set; }

    /// <summary>The first event id of a body; 0 for none.</summary>
    public static UInt128 IdIn(ReadOnlySpan<byte> body)
    {
        Span<byte> id = stackalloc byte[16];
        var at = body.IndexOf(Marker);
        return at >= 0 && Convert.FromHexString(body[(at + Marker.Length)..][..32], id, out _, out _) == OperationStatus.Done
            ? MemoryMarshal.Read<UInt128>(id)
            : 0;
    }

    /// <summary>The ids of a file that <see cref="Save"/> wrote.</summary>
    public static HashSet<UInt128> Load(string path) => [.. MemoryMarshal.Cast<byte, UInt128>(File.ReadAllBytes(path))];

    public void Save(string path) => File.WriteAllBytes(path, MemoryMarshal.AsBytes<UInt128>(_ids.ToArray()));

    public void Expect(long events) => _ids.EnsureCapacity(_ids.Count + (int)Math.Min(events, 1_000_000));

    /// <summary>Counts the events of a body (one, or a batch) and answers how many there are.</summary>
    public int Count(ReadOnlySpan<byte> body)
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

            _ids.Add(MemoryMarshal.Read<UInt128>(id));
            found++;
        }

        Events += found;
        Unreadable += found == 0 ? 1 : 0;
        return found;
    }
}
