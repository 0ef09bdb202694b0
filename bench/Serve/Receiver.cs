using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Bench.Net;

namespace Bench.Serve;

/// <summary>
/// Stands for the receiving system: one thread, raw sockets, the cheapest 200 there is. It starts with its gate closed and then holds
/// every request; <c>POST /control/gate?open_for=N</c> lets N events through, <c>GET /control/stats</c> says what came, and
/// <c>POST /control/ids?to=FILE</c> writes the event ids to a file.
/// </summary>
internal sealed class Receiver(int port) : IDisposable
{
    private const int MaxConnections = 1024;
    private const int ListenerSlot = 0;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPoller _poller = Poller.Create(MaxConnections + 1);
    private readonly ReceiverConnection?[] _connections = new ReceiverConnection?[MaxConnections + 1];
    private readonly EventTally _tally = new();
    private long _open;
    private long _openedAt;
    private long _lastAt;

    private static ReadOnlySpan<byte> Received => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8;

    public void Run(CancellationToken cancellationToken)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(512);
        _ = _listener.Handle;
        _listener.Blocking = false;
        _poller.Watch(ListenerSlot, _listener, write: false);

        var ready = new int[MaxConnections + 1];
        while (!cancellationToken.IsCancellationRequested)
        {
            var count = _poller.Wait(100_000, ready);
            foreach (var slot in ready.AsSpan(0, count))
            {
                if (slot == ListenerSlot)
                {
                    Accept();
                }
                else
                {
                    Read(slot);
                }
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var connection in _connections)
        {
            connection?.Dispose();
        }
    }

    private void Accept()
    {
        var slot = Array.IndexOf(_connections, null, ListenerSlot + 1);
        if (slot < 0)
        {
            throw new BenchException($"the receiver takes no more than {MaxConnections} connections");
        }

        var connection = new ReceiverConnection(_listener.Accept());
        _connections[slot] = connection;
        _poller.Watch(slot, connection.Socket, write: false);
    }

    private void Read(int slot)
    {
        var connection = _connections[slot]!;
        if (!connection.Receive())
        {
            _poller.Forget(slot);
            _connections[slot] = null;
            connection.Dispose();
            return;
        }

        Serve(connection);
    }

    private void Serve(ReceiverConnection connection)
    {
        while (connection.Length > 0)
        {
            if (IsControl(connection.Head))
            {
                Control(connection);
            }
            else if (_open > 0)
            {
                _open -= _tally.Count(connection.Body);
                _lastAt = Stopwatch.GetTimestamp();
                connection.Answer(Received);
            }
            else
            {
                return;
            }
        }
    }

    private static bool IsControl(ReadOnlySpan<byte> head) => head[(head.IndexOf((byte)' ') + 1)..].StartsWith("/control/"u8);

    private void Control(ReceiverConnection connection)
    {
        var head = connection.Head;
        var at = head.IndexOf("open_for="u8);
        if (at >= 0 && Utf8Parser.TryParse(head[(at + 9)..], out long events, out _))
        {
            _tally.Expect(events);
            _open = events;
            _openedAt = Stopwatch.GetTimestamp();
        }

        if (head.IndexOf("/control/ids?to="u8) is >= 0 and var ids)
        {
            var path = head[(ids + 16)..];
            _tally.Save(Uri.UnescapeDataString(Encoding.ASCII.GetString(path[..path.IndexOf((byte)' ')])));
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(Stats(but: connection), ReceiverJson.Default.ReceiverStats);
        connection.Answer([.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n"), .. json]);
        if (at >= 0)
        {
            Array.ForEach(_connections, held =>
            {
                if (held is not null && held != connection)
                {
                    Serve(held);
                }
            });
        }
    }

    private ReceiverStats Stats(ReceiverConnection but) => new()
    {
        Events = _tally.Events,
        Unique = _tally.Unique,
        Unreadable = _tally.Unreadable,
        Held = _connections.Count(connection => connection is { Length: > 0 } && connection != but),
        OpenedAt = _openedAt,
        LastAt = _lastAt,
    };
}
