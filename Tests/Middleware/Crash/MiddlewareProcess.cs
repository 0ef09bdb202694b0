using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tests.Middleware.Crash;

/// <summary>The built middleware as a process of its own, on a data folder that outlives it.</summary>
internal sealed class MiddlewareProcess : IDisposable
{
    private const int Sigterm = 15;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MiddlewareProcess(string dataFolder, Uri receiver, IEnumerable<string> settings)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "Middleware.Api.dll")])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var foreign in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(foreign);
        }

        string[] own = ["ASPNETCORE_URLS=http://127.0.0.1:0", $"DATA_DIR={dataFolder}", $"EXTERNAL_ENDPOINT_URL={receiver}", "QUEUE_SIZE=1000000"];
        foreach (var parts in own.Concat(settings).Select(static setting => setting.Split('=', 2)))
        {
            start.Environment[parts[0]] = parts[1];
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => NoteOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens, once it does.</summary>
    public Uri Address => _listening.Task.Result;

    public IEnumerable<string> Output => _output;

    public IEnumerable<string> Errors => _errors;

    public double PeakMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts it and waits for nothing.</summary>
    public static MiddlewareProcess Begin(string dataFolder, Uri receiver, params IEnumerable<string> settings) => new(dataFolder, receiver, settings);

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<MiddlewareProcess> StartAsync(string dataFolder, Uri receiver, params IEnumerable<string> settings)
    {
        var process = Begin(dataFolder, receiver, settings);
        try
        {
            await process._listening.Task.WaitAsync(TestContext.Current.CancellationToken);
            return process;
        }
        catch (InvalidOperationException)
        {
            process.Dispose();
            throw new InvalidOperationException($"It does not listen: {string.Join('\n', process._output.Concat(process._errors))}");
        }
    }

    /// <summary>SIGKILL: nothing of it runs on.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGTERM; returns at once.</summary>
    public void Terminate() => _ = Signal(_process.Id, Sigterm);

    /// <summary>Its exit code, when it has ended and all its output is read.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async Task<int> StopAsync()
    {
        Terminate();
        return await ExitCodeAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>What the caller's shell may hold and would change how a service runs.</summary>
    private static bool IsForeign(string variable) =>
        variable is "DOTNET_ENVIRONMENT" or "PORT" || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || variable.StartsWith("OTEL_", StringComparison.Ordinal) || variable.StartsWith("Logging__", StringComparison.OrdinalIgnoreCase);

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            lines.Enqueue(line);
        }
    }

    private void NoteOutput(string? line)
    {
        const string Listening = "Now listening on: ";
        Keep(_output, line);
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException("It has ended."));
            _ = _listening.Task.Exception;
        }
        else if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            _listening.TrySetResult(new Uri(line[(at + Listening.Length)..line.IndexOf('"', at)]));
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
