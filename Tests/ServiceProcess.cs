using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Tests;

/// <summary>A service in a process of its own, as an operator starts it; killed when the test is over.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly string[] Inherited = ["PATH", "HOME", "TMPDIR", "LANG", "DOTNET_ROOT", "TEMP", "SystemRoot"];

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The lines on standard output so far.</summary>
    public IReadOnlyList<string> Output => Kept(_output);

    /// <summary>The lines on standard error so far.</summary>
    public IReadOnlyList<string> Errors => Kept(_errors);

    /// <summary>Starts the service of a project with these settings and nothing else of this process's environment.</summary>
    public static ServiceProcess Start(string project, params (string Name, string Value)[] settings)
    {
        // artifacts/bin/Tests/debug/ -> artifacts/bin/<project>/debug/
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var folder = Path.GetFullPath(Path.Combine(own, "..", "..", project, Path.GetFileName(own)));
        var runtime = RuntimeEnvironment.GetRuntimeDirectory();
        var start = new ProcessStartInfo(Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(folder, project + ".dll"));
        foreach (var name in start.Environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new ServiceProcess(new Process { StartInfo = start });
    }

    /// <summary>Starts the service on a free port.</summary>
    public static ServiceProcess StartOnFreePort(string project, params (string Name, string Value)[] settings) =>
        Start(project, [("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings]);

    /// <summary>Where it listens, once it does.</summary>
    public async Task<Uri> Listening()
    {
        const string Prefix = "Now listening on: ";
        var line = await Logged(message => message.StartsWith(Prefix, StringComparison.Ordinal));
        return new Uri(line.GetProperty("msg").GetString()![Prefix.Length..]);
    }

    /// <summary>The first line of JSON with such a message, once there is one.</summary>
    public async Task<JsonElement> Logged(Func<string, bool> isWanted)
    {
        JsonElement? found = null;
        await Waiting.Until(() => (found = Find(isWanted)) is not null || _process.HasExited);
        return found ?? Find(isWanted) ?? throw new InvalidOperationException($"The service ended: {string.Join('\n', Output.Concat(Errors))}");
    }

    /// <summary>Asks it to stop, as the operating system does.</summary>
    public void Terminate() => Assert.Equal(0, Kill(_process.Id, Sigterm));

    /// <summary>Its exit code, once it has ended and all its lines are read.</summary>
    public async Task<int> Ended()
    {
        await _process.WaitForExitAsync(Waiting.Cancellation).InTime();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private JsonElement? Find(Func<string, bool> isWanted)
    {
        foreach (var line in Output)
        {
            using var document = JsonDocument.Parse(line);
            if (isWanted(document.RootElement.GetProperty("msg").GetString()!))
            {
                return document.RootElement.Clone();
            }
        }

        return null;
    }

    private static void Keep(List<string> lines, string? line)
    {
        if (line is not null)
        {
            lock (lines)
            {
                lines.Add(line);
            }
        }
    }

    private static List<string> Kept(List<string> lines)
    {
        lock (lines)
        {
            return [.. lines];
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
