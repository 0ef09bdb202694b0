using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Tests.Upgrades;

/// <summary>A process of haproxy by <c>deploy/compose/haproxy.cfg</c>, but for the addresses of the replicas and its own.</summary>
internal sealed class Haproxy : IAsyncDisposable
{
    private const string Configuration = "deploy/compose/haproxy.cfg";
    private const string Up = "UP";

    private readonly TemporaryDirectory _folder = new();
    private readonly StringBuilder _output = new();
    private Process? _process;

    private Haproxy()
    {
        (Address, Client) = (new Uri($"http://127.0.0.1:{LoopbackPort.Free()}"), null!);
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    private string Socket => Path.Combine(_folder.Path, "admin");

    /// <summary>The program, installed or unpacked by <c>.ci/haproxy</c>; null where there is none.</summary>
    public static string? Find(string root) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(static folder => Path.Combine(folder, "haproxy"))
        .Append("/usr/sbin/haproxy").Append(Path.Combine(root, "artifacts/haproxy/usr/sbin/haproxy")).FirstOrDefault(File.Exists);

    /// <summary>Starts it before replicas, each at an address, and waits until it has found all of them ready.</summary>
    public static async Task<Haproxy> StartAsync(string program, string root, IReadOnlyCollection<ReplaceableService> replicas)
    {
        var proxy = new Haproxy();
        try
        {
            await proxy.BeginAsync(program, await File.ReadAllTextAsync(Path.Combine(root, Configuration), Waiting.Cancellation), replicas);
            foreach (var replica in replicas)
            {
                await proxy.UntilReadyAsync(replica.Name);
            }

            return proxy;
        }
        catch (Exception fault)
        {
            await proxy.DisposeAsync();
            throw new InvalidOperationException($"haproxy does not run: {proxy._output}", fault);
        }
    }

    /// <summary>Waits until it sends requests to a replica.</summary>
    public Task UntilReadyAsync(string replica) => Waiting.Until(async () =>
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), Waiting.Cancellation);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync("show stat\n"u8.ToArray(), Waiting.Cancellation);
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync(Waiting.Cancellation)).Split('\n').Any(line => line.StartsWith($"replicas,{replica},", StringComparison.Ordinal) && line.Split(',').Contains(Up));
        }
        catch (SocketException)
        {
            // It does not listen yet.
            return false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is { } process)
        {
            _process = null;
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>The configuration for these addresses. It fails when the file has other words than those that are replaced.</summary>
    private async Task BeginAsync(string program, string configuration, IReadOnlyCollection<ReplaceableService> replicas)
    {
        var own = Replace(configuration, "bind :8080", string.Create(CultureInfo.InvariantCulture, $"bind 127.0.0.1:{Address.Port}"));
        own = Replace(own, " resolvers docker init-addr last,libc,none", "");
        own = Replace(own, "global\n", $"global\n  stats socket {Socket}\n");
        own = replicas.Aggregate(own, (text, replica) => Replace(text, $"server {replica.Name} {replica.Name}:8080", $"server {replica.Name} {replica.Address.Authority}"));
        var file = Path.Combine(_folder.Path, "haproxy.cfg");
        await File.WriteAllTextAsync(file, own, Waiting.Cancellation);
        _process = Process.Start(new ProcessStartInfo(program, ["-db", "-f", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }

    private static string Replace(string text, string old, string other) =>
        text.Contains(old, StringComparison.Ordinal) ? text.Replace(old, other, StringComparison.Ordinal) : throw new InvalidOperationException($"{Configuration} has no \"{old}\".");
}
