using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Bench.Serve;

/// <summary>
/// Stands for the receiving system: one thread, raw sockets, the cheapest 200 there is. It starts with its gate closed and then holds
/// every request. A path that ends in a number is that endpoint's.
/// <list type="bullet">
/// <item><c>POST /control/gate?open_for=N&amp;delay_ms=N</c> lets N events through, each request after so long.</item>
/// <item><c>POST /control/refuse?one_key_in=N</c> answers 503 to the events whose source ends in a multiple of N.</item>
/// <item><c>GET /control/stats</c> says what came.</item>
/// <item><c>POST /control/ids?to=FILE</c> writes the event ids to a file.</item>
/// <item><c>POST /control/latencies?to=FILE</c> writes how long each stamped event took since the last such request.</item>
/// </list>
/// </summary>
internal sealed class Receiver(int port) : IDisposable
{
    // One for each of 10,000 endpoints, where the poller can watch so many.
    private static readonly int MaxConnections = OperatingSystem.IsLinux() ? 16_384 : 1024;
    private const int ListenerSlot = 0;
    private const long LongestWait = 100_000;
    private const long WaitWithDelay = 5_000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPoller _poller = Poller.Create(MaxConnections + 1);
    private readonly ReceiverConnection?[] _connections = new ReceiverConnection?[MaxConnections + 1];
    private readonly EventTally _tally = new();
    private readonly LatencyTally _latencies = new();
    private TimeSpan _delay;
    private long _open;
    private long _refusedOf;
    private long _openedAt;
    private long _lastAt;

    private static ReadOnlySpan<byte> Refused => "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"u8;

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
            var count = _poller.Wait(_delay > TimeSpan.Zero ? WaitWithDelay : LongestWait, ready);
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

            if (_delay > TimeSpan.Zero)
            {
                ServeHeld();
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

    private void ServeHeld() => Array.ForEach(_connections, held =>
    {
        if (held is not null)
        {
            Serve(held);
        }
    });

    private void Serve(ReceiverConnection connection)
    {
        while (connection.Length > 0)
        {
            if (ControlRequest.TryRead(connection.Head, out var request))
            {
                Control(connection, request);
            }
            else if (_refusedOf > 0 && KeyOf(connection.Body) is { } key && key % _refusedOf == 0)
            {
                connection.Answer(Refused);
            }
            else if (_open > 0 && (_delay == TimeSpan.Zero || Stopwatch.GetElapsedTime(connection.ReceivedAt) >= _delay))
            {
                _lastAt = Stopwatch.GetTimestamp();
                _latencies.Note(connection.Body, _lastAt);
                _open -= _tally.Count(connection.Body, EndpointOf(connection.Head));
                connection.Answer(Received);
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>The number at the end of the path; 0 for none.</summary>
    private static int EndpointOf(ReadOnlySpan<byte> head)
    {
        var target = HttpMessage.Target(head);
        return Utf8Parser.TryParse(target[(target.LastIndexOf((byte)'/') + 1)..], out int number, out _) ? number : 0;
    }

    /// <summary>The number at the end of the source; null for none.</summary>
    private static long? KeyOf(ReadOnlySpan<byte> body)
    {
        var source = "\"source\":\"key-"u8;
        var at = body.IndexOf(source);
        return at >= 0 && Utf8Parser.TryParse(body[(at + source.Length)..], out long key, out _) ? key : null;
    }

    private void Control(ReceiverConnection connection, ControlRequest request)
    {
        var opens = request.Path.SequenceEqual("/control/gate"u8);
        if (opens)
        {
            _open = request.Number("open_for"u8);
            _delay = TimeSpan.FromMilliseconds(request.Number("delay_ms"u8));
            _openedAt = Stopwatch.GetTimestamp();
            _tally.Expect(_open);
        }
        else if (request.Path.SequenceEqual("/control/refuse"u8))
        {
            _refusedOf = request.Number("one_key_in"u8);
        }
        else if (request.Path.SequenceEqual("/control/ids"u8))
        {
            _tally.Save(request.Text("to"u8));
        }
        else if (request.Path.SequenceEqual("/control/latencies"u8))
        {
            _latencies.Save(request.Text("to"u8));
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(Stats(but: connection), ReceiverJson.Default.ReceiverStats);
        connection.Answer([.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n"), .. json]);
        if (opens)
        {
            ServeHeld();
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
