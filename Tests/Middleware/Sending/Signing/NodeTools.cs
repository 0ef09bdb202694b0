using System.ComponentModel;
using System.Diagnostics;

namespace Tests.Middleware.Sending.Signing;

/// <summary>Node.js with the packages of <c>receiver/package.json</c>, which are installed beside the tests' binaries when they are first needed.</summary>
internal static class NodeTools
{
    /// <summary>Where the scripts and their packages are.</summary>
    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Middleware", "Sending", "Signing", "receiver");

    private static readonly Lazy<Task<string?>> Missing = new(InstallAsync);

    /// <summary>Skips the test on a machine that has not what it needs; on a build server that is a failure.</summary>
    public static async Task RequireAsync()
    {
        if (await Missing.Value.WaitAsync(Waiting.Cancellation) is not { } reason)
        {
            return;
        }

        Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
        Assert.Fail(reason);
    }

    /// <summary>Starts Node.js in <see cref="Folder"/>.</summary>
    public static Process Start(string script, params (string Name, string Value)[] variables) => Start("node", [script], variables);

    /// <summary>Runs Node.js to its end and gives what it wrote.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(string script, params string[] arguments) => RunToEndAsync("node", [script, .. arguments]);

    /// <summary>Null when all is there, else what is missing.</summary>
    private static async Task<string?> InstallAsync()
    {
        try
        {
            await RunToEndAsync("node", ["--version"]);
            var wanted = await File.ReadAllTextAsync(Path.Combine(Folder, "package.json"));
            var installed = Path.Combine(Folder, "installed");
            if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == wanted)
            {
                return null;
            }

            var (exitCode, output) = await RunToEndAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"]);
            if (exitCode != 0)
            {
                return $"npm cannot install the library: {output}";
            }

            await File.WriteAllTextAsync(installed, wanted);
            return null;
        }
        catch (Win32Exception exception)
        {
            return $"Node.js and npm are needed to verify signatures by the published library: {exception.Message}";
        }
    }

    private static async Task<(int ExitCode, string Output)> RunToEndAsync(string program, string[] arguments)
    {
        using var process = Start(program, arguments, []);
        process.StandardInput.Close();
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output).Trim());
    }

    private static Process Start(string program, string[] arguments, (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
