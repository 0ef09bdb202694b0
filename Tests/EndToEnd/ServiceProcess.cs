using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tests.EndToEnd;

/// <summary>One service as a process of its own, with its log lines and its exit code.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(string service, string workingDirectory, IEnumerable<string> settings)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, $"{service}.dll")])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var foreign in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(foreign);
        }

        foreach (var setting in settings.Append("ASPNETCORE_URLS=http://127.0.0.1:0"))
        {
            var parts = setting.Split('=', 2);
            start.Environment[parts[0]] = parts[1];
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The lines of its log so far.</summary>
    public IEnumerable<JsonNode> Log => _lines.Where(static line => line.StartsWith('{')).Select(static line => JsonNode.Parse(line)!);

    /// <summary>Where it listens.</summary>
    public Uri Address => _listening.Task.Result;

    /// <summary>Starts a service with settings such as <c>QUEUE_SIZE=5</c> and waits until it listens, on a port of its own.</summary>
    public static async Task<ServiceProcess> StartAsync(string service, string workingDirectory, params IEnumerable<string> settings)
    {
        var process = new ServiceProcess(service, workingDirectory, settings);
        try
        {
            await process._listening.Task.WaitAsync(StartLimit, TimeProvider.System, Eventually.Cancellation);
            return process;
        }
        catch (Exception fault)
        {
            process.Dispose();
            throw new InvalidOperationException($"{service} does not listen. {string.Join('\n', process._lines)}", fault);
        }
    }

    /// <summary>SIGTERM; returns at once.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("/bin/kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end and the end of its log.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(Eventually.Cancellation);
        return _process.ExitCode;
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

    private void Note(string? line)
    {
        const string Listening = "Now listening on: ";
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException("It has ended."));
            return;
        }

        _lines.Enqueue(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            _listening.TrySetResult(new Uri(line[(at + Listening.Length)..line.IndexOf('"', at)]));
        }
    }
}
