using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tests;

/// <summary>
/// A built service in a process of its own, as an operator starts it; killed when the test is over. A test that starts one bears
/// <see cref="RunsNativelyAttribute"/>.
/// </summary>
internal sealed class ServiceProcess : IDisposable
{
    private const int Sigterm = 15;
    private const string OpenFiles = "ulimit";

    // Only ends a test that would hang: longer than any stop.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private static readonly string[] Inherited = ["PATH", "HOME", "TMPDIR", "LANG", "DOTNET_ROOT", "TEMP", "SystemRoot"];

    // The AppHost is no service, the console has no native build, and native code runs no startup hook.
    private static readonly string[] Managed = ["AppHost", "Console"];
    private const string StartupHooks = "DOTNET_STARTUP_HOOKS=";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _read;
    private TaskCompletionSource _outputIsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.Start();
        ReadOn();
        _read = Task.WhenAll(ReadOutputAsync(), ReadErrorsAsync());
    }

    /// <summary>Where it listens, once it does.</summary>
    public Uri Address => _listening.Task.Result;

    /// <summary>The lines on standard output so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>The lines on standard error so far.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>The lines of its log so far.</summary>
    public IEnumerable<JsonNode> Log => _output.Where(static line => line.StartsWith('{')).Select(static line => JsonNode.Parse(line)!);

    /// <summary>The lines on standard error with the cause of its end.</summary>
    public IEnumerable<string> Reasons => _errors.Select(static line => (string)JsonNode.Parse(line)!["error"]!);

    /// <summary>Its number in the operating system.</summary>
    public int Id => _process.Id;

    /// <summary>The libraries that it has loaded; only Linux shows them.</summary>
    public IReadOnlySet<string> Loaded => File.ReadLines($"/proc/{_process.Id}/maps")
        .Select(static line => Path.GetFileName(line)).Where(static name => name.Contains(".dll", StringComparison.Ordinal) || name.Contains(".so", StringComparison.Ordinal)).ToHashSet();

    public double PeakMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64 / 1e6;
        }
    }

    /// <summary>
    /// Starts the service of a project and waits for nothing. It has settings such as <c>QUEUE_SIZE=5</c> (the last of two holds), a free
    /// port unless they name one, and nothing else of what this process's environment may hold. <c>ulimit=512</c> is how many files it may have open.
    /// </summary>
    public static ServiceProcess Begin(string project, params IEnumerable<string> settings) => Begin(project, settings, []);

    /// <summary>Starts a command of a service's program: that of this build, or one that was published to a folder.</summary>
    public static ServiceProcess Begin(string project, IEnumerable<string> settings, string[] arguments, string? from = null)
    {
        var folder = FolderOf(project);
        var dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        string[] command = [Path.GetFullPath(dotnet), Path.Combine(folder, project + ".dll")];
        if (!Managed.Contains(project) && !settings.Any(static setting => setting.StartsWith(StartupHooks, StringComparison.Ordinal)))
        {
            RunsNativelyAttribute.NoteStart();
            if (from is not null || RunsNativelyAttribute.Services is not null)
            {
                folder = from ?? Path.Combine(RunsNativelyAttribute.Services!, project);
                command = [Path.Combine(folder, project)];
            }
        }

        if (settings.FirstOrDefault(static setting => setting.StartsWith(OpenFiles + "=", StringComparison.Ordinal)) is { } limit)
        {
            command = ["/bin/sh", "-c", $"ulimit -n {limit.Split('=')[1]} && exec \"$0\" \"$@\"", .. command];
        }

        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var parts in settings.Select(static setting => setting.Split('=', 2)).Where(static parts => parts[0] != OpenFiles))
        {
            start.Environment[parts[0]] = parts[1];
        }

        // Where a test says nothing of credentials, none is asked for; only in Development does the receiver show what it received.
        if (project == "Middleware.Api" && !settings.Any(static setting => setting.Split('=')[0] is "AUTH" or "ADMIN_KEY" or "ADMIN_KEY_FILE" or "ASPNETCORE_ENVIRONMENT"))
        {
            start.Environment["AUTH"] = "off";
        }
        else if (project == "ExternalAlerts.Api")
        {
            start.Environment.TryAdd("ASPNETCORE_ENVIRONMENT", "Development");
        }

        if (!start.Environment.ContainsKey("PORT"))
        {
            start.Environment.TryAdd("ASPNETCORE_URLS", "http://127.0.0.1:0");
        }

        return new ServiceProcess(start);
    }

    /// <summary>The folder of the build of a project, of which this one is a neighbour.</summary>
    public static string FolderOf(string project)
    {
        // artifacts/bin/Tests/debug/ -> artifacts/bin/<project>/debug/
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return Path.GetFullPath(Path.Combine(own, "..", "..", project, Path.GetFileName(own)));
    }

    /// <summary>Starts the service of a project and waits until it listens.</summary>
    public static Task<ServiceProcess> StartAsync(string project, params IEnumerable<string> settings) => StartFromAsync(from: null, project, settings);

    /// <summary>Starts a service that was published to a folder, or that of this build, and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartFromAsync(string? from, string project, IEnumerable<string> settings)
    {
        var process = Begin(project, settings, [], from);
        try
        {
            await process._listening.Task.WaitAsync(Bound, TimeProvider.System, Waiting.Cancellation);
            if (from is null && RunsNativelyAttribute.Services is { } native && !Managed.Contains(project))
            {
                Assert.Equal(Path.Combine(native, project, project), File.ResolveLinkTarget($"/proc/{process._process.Id}/exe", returnFinalTarget: false)?.FullName);
            }

            return process;
        }
        catch (Exception fault)
        {
            process.Dispose();
            throw new InvalidOperationException($"{project} does not listen: {string.Join('\n', process._output.Concat(process._errors))}", fault);
        }
    }

    /// <summary>Runs a command of the middleware's program, and gives its exit code and the lines that it wrote.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(IEnumerable<string> settings, params string[] arguments)
    {
        using var process = Begin("Middleware.Api", settings, arguments);
        var code = await process.ExitCodeAsync();
        return (code, string.Join('\n', process._output), string.Join('\n', process._errors));
    }

    /// <summary>SIGKILL: nothing of it runs on.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Waiting.Cancellation);
    }

    /// <summary>Leaves what it writes to standard output in the pipe, as a log collector that hangs.</summary>
    public void StopReading() => _outputIsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads its standard output again.</summary>
    public void ReadOn() => _outputIsRead.TrySetResult();

    /// <summary>SIGTERM, as the operating system asks it to stop; returns at once.</summary>
    public void Terminate() => Signal(Sigterm);

    /// <summary>Sends it a signal by its number; returns at once.</summary>
    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    /// <summary>Its exit code, once it has ended and all its lines are read.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(Waiting.Cancellation).WaitAsync(Bound, TimeProvider.System);
        ReadOn();
        await _read.WaitAsync(Bound, TimeProvider.System);
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

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _errors.Enqueue(line);
        }
    }

    private async Task ReadOutputAsync()
    {
        const string Listening = "Now listening on: ";
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Enqueue(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                // In JSON a quote ends it, else the line.
                _listening.TrySetResult(new Uri(line[(at + Listening.Length)..].Split('"')[0]));
            }

            await _outputIsRead.Task;
        }

        _listening.TrySetException(new InvalidOperationException("It has ended."));
        _ = _listening.Task.Exception;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
