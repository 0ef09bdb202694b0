using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Tests.Middleware.Sending;

/// <summary>A request as it came over the connection.</summary>
internal sealed record ReceivedRequest(string RequestLine, IReadOnlyList<string> Headers, string Body)
{
    /// <summary>The values of a header, by its name.</summary>
    public IEnumerable<string> this[string name] => Headers
        .Where(header => header.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))
        .Select(header => header[(name.Length + 2)..]);
}

/// <summary>The end of a receiver's connection after its answer.</summary>
public enum Ending
{
    /// <summary>The next request.</summary>
    GoesOn,

    /// <summary>The end of the connection (FIN).</summary>
    Ends,

    /// <summary>The end of the connection by a reset (RST).</summary>
    Breaks,

    /// <summary>Nothing, and the connection stays.</summary>
    Hangs,
}

/// <summary>A receiver on the loopback that does to each request what its script says; the last line of the script is for all the rest.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopped = new();
    private readonly List<ReceivedRequest> _requests = [];
    private readonly Func<Socket, CancellationToken, Task<bool>>[] _script;
    private readonly Func<NetworkStream, CancellationToken, Task>? _serve;
    private readonly Task _accepting;
    private int _connections;

    /// <summary>Each line of the script answers, and says whether the connection goes on.</summary>
    public Receiver(params Func<Socket, CancellationToken, Task<bool>>[] script)
        : this(IPAddress.Loopback, 0, script)
    {
    }

    /// <summary>At another address of this machine.</summary>
    public Receiver(IPAddress address, int port, params Func<Socket, CancellationToken, Task<bool>>[] script)
        : this(address, port, serve: null, script)
    {
    }

    private Receiver(IPAddress address, int port, Func<NetworkStream, CancellationToken, Task>? serve, Func<Socket, CancellationToken, Task<bool>>[] script)
    {
        _listener = new TcpListener(address, port);
        _serve = serve;
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}/hook?a=b");

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Of a body with more bytes only the first thousand are read: its sender soon finds no room for the rest.</summary>
    public int MaxBody
    {
        get;
        init
        {
            field = value;
            _listener.Server.ReceiveBufferSize = 4096;
        }
    } = int.MaxValue;

    /// <summary>The connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public IReadOnlyList<ReceivedRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>A receiver that does one thing to each connection, HTTP or not, and then ends it.</summary>
    public static Receiver Serving(Func<NetworkStream, CancellationToken, Task> serve) => new(IPAddress.Loopback, 0, serve, []);

    public Task Received(int count) => Waiting.Until(() => Requests.Count >= count);

    public static Func<Socket, CancellationToken, Task<bool>> Answer(int status, string body = "", string header = "X: y") => async (socket, stop) =>
    {
        var length = Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
        await Send(socket, $"HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\n{header}\r\n\r\n{body}", stop);
        return true;
    };

    /// <summary>Takes what comes and ends the connection, so that the next try needs another.</summary>
    public static async Task<bool> AnswerAndEnd(Socket socket, CancellationToken stop)
    {
        await Answer(200, header: "Connection: close")(socket, stop);
        return false;
    }

    /// <summary>Ends the connection without an answer.</summary>
    public static Task<bool> Drop(Socket socket, CancellationToken stop) => Play("", Ending.Ends)(socket, stop);

    /// <summary>Breaks the connection without an answer.</summary>
    public static Task<bool> Reset(Socket socket, CancellationToken stop) => Play("", Ending.Breaks)(socket, stop);

    /// <summary>Never answers.</summary>
    public static Task<bool> Hang(Socket socket, CancellationToken stop) => Play("", Ending.Hangs)(socket, stop);

    /// <summary>Answers with these bytes alone, HTTP or not: each character is a byte.</summary>
    public static Func<Socket, CancellationToken, Task<bool>> Play(string said, Ending ending) => async (socket, stop) =>
    {
        await socket.SendAsync(Encoding.Latin1.GetBytes(said), stop);
        if (ending == Ending.Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        }

        socket.LingerState = new LingerOption(ending == Ending.Breaks, 0);
        return ending == Ending.GoesOn;
    };

    /// <summary>Answers with a body that never ends.</summary>
    public static Func<Socket, CancellationToken, Task<bool>> Endless(int status) => async (socket, stop) =>
    {
        await Send(socket, $"HTTP/1.1 {status} Status\r\nTransfer-Encoding: chunked\r\n\r\n", stop);
        while (true)
        {
            await Send(socket, $"400\r\n{new string('x', 1024)}\r\n", stop);
        }
    };

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
    }

    private static async Task Send(Socket socket, string text, CancellationToken stop) => await socket.SendAsync(Encoding.UTF8.GetBytes(text), stop);

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopped.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            Interlocked.Increment(ref _connections);

            // As web servers do. An answer that waits for the acknowledgement of what was sent before it, as a TLS handshake's end, is lost if the connection is closed before.
            socket.NoDelay = true;
            var connection = new NetworkStream(socket);
            if (_serve is not null)
            {
                await _serve(connection, _stopped.Token);
                return;
            }

            using var reader = new StreamReader(connection, Encoding.Latin1);
            var goesOn = true;
            while (goesOn && await reader.ReadLineAsync(_stopped.Token) is { } requestLine)
            {
                var number = Keep(await ReadAsync(requestLine, reader));
                goesOn = await _script[Math.Min(number, _script.Length) - 1](socket, _stopped.Token);
            }
        }
    }

    private int Keep(ReceivedRequest request)
    {
        lock (_requests)
        {
            _requests.Add(request);
            return _requests.Count;
        }
    }

    private async Task<ReceivedRequest> ReadAsync(string requestLine, StreamReader reader)
    {
        var headers = new List<string>();
        while (await reader.ReadLineAsync(_stopped.Token) is { Length: > 0 } header)
        {
            headers.Add(header);
        }

        var request = new ReceivedRequest(requestLine, headers, "");
        var length = int.Parse(request["Content-Length"].Single(), CultureInfo.InvariantCulture);
        var body = new char[length > MaxBody ? 1_000 : length];
        await reader.ReadBlockAsync(body, _stopped.Token);
        return request with { Body = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body)) };
    }
}
