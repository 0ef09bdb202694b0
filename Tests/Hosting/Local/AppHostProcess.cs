using System.Diagnostics;
using System.Text.RegularExpressions;
using Aspire.Hosting.Local;

namespace Tests.Hosting.Local;

/// <summary>The real AppHost as a process of its own.</summary>
internal sealed partial class AppHostProcess : IDisposable
{
    private readonly Process _process;

    private AppHostProcess(Process process) => _process = process;

    public static AppHostProcess Start(params string[] args) => new(Process.Start(
        new ProcessStartInfo(DotnetHost.Path, [PuppetProject.BuiltAssembly("AppHost"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development" },
        })!);

    /// <summary>Reads the output up to the table of the start.</summary>
    public async Task<IReadOnlyList<Uri>> UrlsOfHealthyServicesAsync(int services, CancellationToken cancellationToken)
    {
        List<Uri> urls = [];
        while (urls.Count < services)
        {
            var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException($"The AppHost ended: {await _process.StandardError.ReadToEndAsync(cancellationToken)}");
            if (HealthyRow().Match(line) is { Success: true } row)
            {
                urls.Add(new Uri(row.Groups[1].Value));
            }
            else if (line.TrimStart().StartsWith("middleware ", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Not healthy: {line}");
            }
        }

        return urls;
    }

    /// <summary>SIGKILL to the AppHost alone.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM to the AppHost alone; gives its exit code.</summary>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("/bin/kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
        await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async Task<(int ExitCode, string Error)> EndAsync(CancellationToken cancellationToken)
    {
        var error = await _process.StandardError.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return (_process.ExitCode, error.Trim());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"^  \S+ +Running, Healthy +(http://\S+)$")]
    private static partial Regex HealthyRow();
}
