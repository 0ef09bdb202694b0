using System.Net.Sockets;

namespace Bench.Net;

/// <summary><see cref="Socket.Select(System.Collections.IList, System.Collections.IList, System.Collections.IList, TimeSpan)"/>: works everywhere, costs more.</summary>
internal sealed class SelectPoller(int slots) : IPoller
{
    private readonly (Socket? Socket, bool Write)[] _slots = new (Socket?, bool)[slots];
    private readonly List<Socket> _reads = [];
    private readonly List<Socket> _writes = [];

    public void Watch(int slot, Socket socket, bool write) => _slots[slot] = (socket, write);

    public void Forget(int slot) => _slots[slot] = default;

    public int Wait(long microseconds, Span<int> ready)
    {
        _reads.Clear();
        _writes.Clear();
        foreach (var (socket, write) in _slots)
        {
            if (socket is null)
            {
                continue;
            }

            _reads.Add(socket);
            if (write)
            {
                _writes.Add(socket);
            }
        }

        Socket.Select(_reads, _writes, null, TimeSpan.FromMicroseconds(microseconds));
        var count = 0;
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot].Socket is { } socket && (_reads.Contains(socket) || _writes.Contains(socket)))
            {
                ready[count++] = slot;
            }
        }

        return count;
    }
}
