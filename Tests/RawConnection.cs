using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Tests;

/// <summary>A connection to a service on which a test writes HTTP/1.1 byte by byte.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    public static Task<RawConnection> OpenAsync(Uri service) => OpenAsync(service, new TcpClient { NoDelay = true });

    /// <summary>A connection whose machine takes no more than a few KiB of answers while the test does not read.</summary>
    public static Task<RawConnection> OpenUnreadAsync(Uri service) => OpenAsync(service, new TcpClient { NoDelay = true, ReceiveBufferSize = 4096 });

    private static async Task<RawConnection> OpenAsync(Uri service, TcpClient client)
    {
        await client.ConnectAsync(service.Host, service.Port, Waiting.Cancellation);
        return new RawConnection(client);
    }

    /// <summary>Checks that a service is alive, over a connection of its own.</summary>
    public static async Task IsAliveAsync(Uri service)
    {
        using var connection = await OpenAsync(service);
        await connection.SendAsync("GET /alive HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadAsync())?.Status);
    }

    public static void End(RawConnection[] connections) => Array.ForEach(connections, static connection => connection.Dispose());

    /// <summary>Opens connections, each of which has asked for something and waits until the service asks for its body.</summary>
    public static async Task<RawConnection[]> DeclareAsync(Uri service, int count, string path, string length) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            var connection = await OpenAsync(service);
            await connection.DeclareAsync(path, length);
            return connection;
        }));

    /// <summary>Sends the head of a request and waits until the service asks for its body, which it does when it begins to read.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="length">The headers that say how long the body is, such as <c>Content-Length: 5</c>.</param>
    public async Task DeclareAsync(string path, string length)
    {
        await SendAsync($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await ReadAsync())?.Status);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes, Waiting.Cancellation).InTime();

    /// <summary>The head of the next answer, whose body is left unread.</summary>
    public async Task<RawAnswer> ReadHeadAsync() => new(await ReadUntilAsync("\r\n\r\n"));

    /// <summary>The next answer; null when the service has closed the connection.</summary>
    public async Task<RawAnswer?> ReadAsync()
    {
        try
        {
            var answer = new RawAnswer(await ReadUntilAsync("\r\n\r\n"));
            if (answer["Transfer-Encoding"] is null)
            {
                return answer with { Body = await ReadAsync(int.Parse(answer["Content-Length"] ?? "0", CultureInfo.InvariantCulture)) };
            }

            while (int.Parse(await ReadUntilAsync("\r\n"), NumberStyles.HexNumber | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) is > 0 and var size)
            {
                answer = answer with { Body = answer.Body + await ReadAsync(size) };
                await ReadUntilAsync("\r\n");
            }

            await ReadUntilAsync("\r\n");
            return answer;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// All that the service sends until it closes the connection. A service that waits for more of a request is let wait for a while, and then reads that
    /// nothing follows.
    /// </summary>
    public async Task<string> ReadToEndAsync(TimeSpan patience)
    {
        using var all = new MemoryStream();
        try
        {
            var buffer = new byte[16_384];
            var hasEnded = false;
            while (true)
            {
                var reading = _stream.ReadAsync(buffer, Waiting.Cancellation).AsTask();
                if (!hasEnded && await Task.WhenAny(reading, Task.Delay(patience, TimeProvider.System, Waiting.Cancellation)) != reading)
                {
                    _client.Client.Shutdown(SocketShutdown.Send);
                    hasEnded = true;
                }

                if (await reading.InTime() is > 0 and var count)
                {
                    all.Write(buffer, 0, count);
                    continue;
                }

                break;
            }
        }
        catch (IOException)
        {
            // Closed with bytes that it has not read.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>Ends it by RST, where its own end would send a FIN first.</summary>
    public void Reset()
    {
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Client.Dispose();
    }

    public void Dispose() => _client.Dispose();

    private async Task<string> ReadUntilAsync(string end)
    {
        var read = "";
        while (!read.EndsWith(end, StringComparison.Ordinal))
        {
            read += await ReadAsync(1);
        }

        return read;
    }

    private async Task<string> ReadAsync(int length)
    {
        var bytes = new byte[length];
        await _stream.ReadExactlyAsync(bytes, Waiting.Cancellation).InTime();
        return Encoding.UTF8.GetString(bytes);
    }
}

/// <summary>An answer of a service.</summary>
internal sealed record RawAnswer(string Head)
{
    public string Body { get; init; } = "";

    public int Status => int.Parse(Head.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>The answers on a connection, of which the last may be cut off. Each character is a byte.</summary>
    public static IEnumerable<RawAnswer> All(string text)
    {
        for (var at = 0; text.IndexOf("\r\n\r\n", at, StringComparison.Ordinal) is >= 0 and var end;)
        {
            var answer = new RawAnswer(text[at..end]);
            at = end + 4;
            var isBodiless = answer.Status is < 200 or 204 or 304 || text.AsSpan(at).StartsWith("HTTP/1.1 ");
            yield return isBodiless ? answer : answer with { Body = answer["Transfer-Encoding"] is null ? Counted(answer) : Chunks() };

            string Counted(RawAnswer of)
            {
                var from = at;
                at = Math.Min(text.Length, at + int.Parse(of["Content-Length"] ?? "0", CultureInfo.InvariantCulture));
                return text[from..at];
            }

            string Chunks()
            {
                var body = new StringBuilder();
                while (text.IndexOf("\r\n", at, StringComparison.Ordinal) is >= 0 and var line)
                {
                    var size = int.Parse(text.AsSpan(at, line - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                    at = Math.Min(text.Length, line + 2 + size + 2);
                    body.Append(text.AsSpan(line + 2, Math.Max(0, Math.Min(size, text.Length - line - 2))));
                    if (size == 0)
                    {
                        break;
                    }
                }

                return body.ToString();
            }
        }
    }

    /// <summary>The value of a header; null when there is none.</summary>
    public string? this[string header] => Head.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(header + ": ", StringComparison.OrdinalIgnoreCase))?[(header.Length + 2)..];
}
