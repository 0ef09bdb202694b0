using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tests.Supply;

/// <summary>Runs programs of a developer to their end.</summary>
internal static class Command
{
    // Only ends a test that would hang.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly string[] Inherited = ["PATH", "HOME", "TMPDIR", "LANG", "DOTNET_ROOT", "TEMP", "SystemRoot", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramFiles", "NUGET_PACKAGES"];

    /// <summary>The output of one that ends well.</summary>
    public static async Task<string> Succeeds(this Task<(int ExitCode, string Output)> running)
    {
        var (exitCode, output) = await running;
        Assert.True(exitCode == 0, output);
        return output;
    }

    /// <summary>The program <c>dotnet</c> that runs the tests.</summary>
    public static string Dotnet { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>The first program with one of these names in the folders of <c>PATH</c>; null for none.</summary>
    public static string? Find(params string[] names) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Its exit code, and what it wrote to both outputs.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(string folder, string program, string[] arguments, params (string Name, string Value)[] variables) =>
        RunAsync(folder, program, arguments, input: null, variables);

    /// <summary>The same of one that reads a text.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, string[] arguments, string? input, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = input is not null,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToList())
        {
            start.Environment.Remove(name);
        }

        // No node of MSBuild outlives the test.
        foreach (var (name, value) in variables.Prepend(("MSBUILDDISABLENODEREUSE", "1")).Prepend(("DOTNET_CLI_TELEMETRY_OPTOUT", "1")).Prepend(("DOTNET_NOLOGO", "1")))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }

            var output = await reading.WaitAsync(Bound, TimeProvider.System, Waiting.Cancellation);
            await process.WaitForExitAsync(Waiting.Cancellation);
            return (process.ExitCode, string.Concat(output));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
