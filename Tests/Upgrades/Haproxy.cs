using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Tests.Supply;

namespace Tests.Upgrades;

/// <summary>A process of haproxy by <c>deploy/compose/haproxy.cfg</c>, but for the addresses of the replicas and its own.</summary>
internal sealed class Haproxy : IEventProxy
{
    private const string Configuration = "deploy/compose/haproxy.cfg";
    private const string Up = "UP";

    // artifacts/bin/Tests/debug/
    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    private readonly TemporaryDirectory _folder = new();
    private readonly Uri _address = new($"http://127.0.0.1:{LoopbackPort.Free()}");
    private readonly HttpClient _client;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private Haproxy() => _client = new HttpClient { BaseAddress = _address };

    public IReadOnlyCollection<FailedPost> Hidden => [];

    private string Socket => Path.Combine(_folder.Path, "admin");

    /// <summary>The program, installed or unpacked by <c>.ci/haproxy</c>; null where there is none.</summary>
    public static string? Find() => Command.Find("haproxy") ?? ((string[])["/usr/sbin/haproxy", Path.Combine(Root, "artifacts/haproxy/usr/sbin/haproxy")]).FirstOrDefault(File.Exists);

    /// <summary>Starts it before replicas, each at an address, and waits until it has found all of them ready.</summary>
    public static async Task<Haproxy> StartAsync(string program, IReadOnlyCollection<ReplaceableService> replicas)
    {
        var proxy = new Haproxy();
        try
        {
            await proxy.BeginAsync(program, await File.ReadAllTextAsync(Path.Combine(Root, Configuration), Waiting.Cancellation), replicas);
            foreach (var replica in replicas)
            {
                await proxy.UntilReadyAsync(replica);
            }

            return proxy;
        }
        catch (Exception fault)
        {
            await proxy.DisposeAsync();
            throw new InvalidOperationException($"haproxy does not run: {proxy._output}", fault);
        }
    }

    public Task<HttpResponseMessage> PostAsync(string body, string key) => EventSenders.PostAsync(_client, body, key);

    public Task UntilReadyAsync(ReplaceableService replica) => Waiting.Until(async () =>
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), Waiting.Cancellation);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync("show stat\n"u8.ToArray(), Waiting.Cancellation);
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync(Waiting.Cancellation)).Split('\n').Any(line => line.StartsWith($"replicas,{replica.Name},", StringComparison.Ordinal) && line.Split(',').Contains(Up));
        }
        catch (SocketException)
        {
            // It does not listen yet.
            return false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
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
        var own = Replace(configuration, "bind :8080", string.Create(CultureInfo.InvariantCulture, $"bind 127.0.0.1:{_address.Port}"));
        own = Replace(own, " resolvers docker init-addr last,libc,none", "");
        own = Replace(own, "global\n", $"global\n  stats socket {Socket}\n");

        // A machine may let a process have fewer files open.
        own = Replace(own, "maxconn 10000", "maxconn 1000");
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
