using System.Buffers.Text;
using System.Text;

namespace Bench.Serve;

/// <summary>A request that is not a delivery but tells or asks the receiver something: <c>/control/...?name=value&amp;...</c>.</summary>
internal readonly ref struct ControlRequest
{
    private readonly ReadOnlySpan<byte> _query;

    private ControlRequest(ReadOnlySpan<byte> target)
    {
        var query = target.IndexOf((byte)'?');
        Path = query < 0 ? target : target[..query];
        _query = query < 0 ? [] : target[(query + 1)..];
    }

    public ReadOnlySpan<byte> Path { get; }

    public static bool TryRead(ReadOnlySpan<byte> head, out ControlRequest request)
    {
        var target = HttpMessage.Target(head);
        var found = target.StartsWith("/control/"u8);
        request = found ? new ControlRequest(target) : default;
        return found;
    }

    /// <summary>Zero where it is not given.</summary>
    public long Number(ReadOnlySpan<byte> name) => Utf8Parser.TryParse(Value(name), out long number, out _) ? number : 0;

    public string Text(ReadOnlySpan<byte> name) => Uri.UnescapeDataString(Encoding.ASCII.GetString(Value(name)));

    private ReadOnlySpan<byte> Value(ReadOnlySpan<byte> name)
    {
        foreach (var range in _query.Split((byte)'&'))
        {
            var pair = _query[range];
            if (pair.Length > name.Length && pair.StartsWith(name) && pair[name.Length] == '=')
            {
                return pair[(name.Length + 1)..];
            }
        }

        return [];
    }
}
