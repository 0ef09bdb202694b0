using System.Diagnostics;

namespace Aspire.Hosting.Local;

/// <summary>A process that does not outlive this one, even if this one is killed.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>How long after SIGTERM comes SIGKILL.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(6);

    private readonly Process _process;
    private readonly TimeProvider _clock;
    private readonly bool _guarded = !OperatingSystem.IsWindows();
    private readonly Lock _lock = new();
    private bool _letGo;

    private ChildProcess(Process process, TimeProvider clock)
    {
        _process = process;
        _clock = clock;
    }

    public int Id => _process.Id;

    public static ChildProcess Start(
        IReadOnlyList<string> command,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment,
        Action<string> onLine,
        TimeProvider clock)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(command[0], command.Skip(1))
            : Guard.Around(command, environment, Grace);
        start.WorkingDirectory = workingDirectory;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Pass(line.Data);
        process.ErrorDataReceived += (_, line) => Pass(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process, clock);

        void Pass(string? line)
        {
            if (line is not null)
            {
                onLine(line);
            }
        }
    }

    /// <summary>Gives the exit code once the process has ended and all its output has been read.</summary>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        LetGo(stop: false);
        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM, and SIGKILL after <see cref="Grace"/>; on Windows, which has no SIGTERM, kills at once.</summary>
    public async Task StopAsync()
    {
        if (_guarded)
        {
            LetGo(stop: true);
            using var late = new CancellationTokenSource(Grace + TimeSpan.FromSeconds(2), _clock);
            await _process.WaitForExitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // The guard itself may have been killed.
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => _process.Dispose();

    private void LetGo(bool stop)
    {
        lock (_lock)
        {
            if (!_guarded || _letGo)
            {
                return;
            }

            _letGo = true;
            Guard.LetGo(_process.StandardInput, stop);
        }
    }
}
