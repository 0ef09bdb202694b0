using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Bench.Processes;

/// <summary>A child process of the run: its output goes straight to a file, and it is stopped by its id, whatever happens.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(8);

    private readonly Process _process;
    private readonly string _name;
    private readonly string _log;
    private readonly long _startedAt;

    private ServiceProcess(Process process, string name, string log, IPEndPoint address, long startedAt) =>
        (_process, _name, _log, Address, _startedAt) = (process, name, log, address, startedAt);

    /// <summary>Where it listens, if it does.</summary>
    public IPEndPoint Address { get; }

    /// <summary>User and system time so far.</summary>
    public TimeSpan CpuTime => Running().TotalProcessorTime;

    /// <summary>The most resident memory it ever had, in MB.</summary>
    public double PeakMegabytes => Running().PeakWorkingSet64 / 1e6;

    /// <summary>Bytes that it has had written to a disk so far; Linux only.</summary>
    public long WrittenBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{Running().Id}/io").First(static line => line.StartsWith("write_bytes", StringComparison.Ordinal));
            return long.Parse(line[(line.IndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        }
    }

    public static ServiceProcess Start(
        string name, string log, IPEndPoint address, string[] command, Dictionary<string, string> environment)
    {
        // exec keeps the id, and the output costs this process nothing. A service finds its settings in the folder it is started in.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", log, .. command])
        {
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetDirectoryName(command[0]),
        };
        foreach (var key in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(key);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var startedAt = Stopwatch.GetTimestamp();
        return new ServiceProcess(Process.Start(start)!, name, log, address, startedAt);
    }

    /// <summary>Waits for 200 on <paramref name="path"/>, half a minute at most.</summary>
    public async Task<ServiceProcess> UntilReadyAsync(string path, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{Address}"), Timeout = TimeSpan.FromSeconds(2) };
        await UntilAsync(() => AnswersAsync(client, path, cancellationToken), TimeSpan.FromMilliseconds(50), path, cancellationToken);
        return this;
    }

    /// <summary>Posts an event until it is accepted, half a minute at most, and gives the time from the start of the process to that answer.</summary>
    public async Task<TimeSpan> UntilAcceptedAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(() => Task.FromResult(Accepts()), TimeSpan.FromMilliseconds(1), "the accept route", cancellationToken);
        return Stopwatch.GetElapsedTime(_startedAt);
    }

    /// <summary>SIGKILL: nothing of it runs on.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Stops it, and kills it if it takes longer. Answers whether it has ended by itself.</summary>
    public async Task<bool> StopAsync(TimeSpan within)
    {
        if (_process.HasExited)
        {
            return true;
        }

        _ = Kill(_process.Id, Sigterm);
        using var late = new CancellationTokenSource(within, TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(late.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(StopWithin);
        _process.Dispose();
    }

    private async Task UntilAsync(Func<Task<bool>> isSo, TimeSpan interval, string where, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(since) > ReadyWithin)
            {
                throw new BenchException($"{_name} is not ready at {where}; {SeeLog}");
            }

            await Task.Delay(interval, TimeProvider.System, cancellationToken);
        }
    }

    private bool Accepts()
    {
        try
        {
            using var connection = new LoadConnection(Address);
            connection.Send(EventRequests.For(Address)[0], Stopwatch.GetTimestamp());
            var status = 0;
            while (status == 0 && connection.Socket.Poll(ReadyWithin, SelectMode.SelectRead))
            {
                status = connection.Receive();
            }

            return status == 200;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    private string SeeLog => $"its output is in {Path.GetRelativePath(Environment.CurrentDirectory, _log)}";

    private Process Running()
    {
        _process.Refresh();
        return _process.HasExited ? throw new BenchException($"{_name} has ended with {_process.ExitCode}; {SeeLog}") : _process;
    }

    private static async Task<bool> AnswersAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return response.StatusCode is HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The variables of the caller's shell that would change the measurement.</summary>
    private static bool IsForeign(string variable) =>
        variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || variable.StartsWith("OTEL_", StringComparison.Ordinal)
        || variable.StartsWith("Logging__", StringComparison.Ordinal) || variable is "DOTNET_gcServer" or "DOTNET_ENVIRONMENT";

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
