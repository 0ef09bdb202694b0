using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace AppHost;

/// <summary>The container engine of this machine, as Aspire's orchestrator finds it.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>True where containers can be started. A client such as docker without its daemon does not count.</summary>
    public static bool IsRunning(IConfiguration configuration)
    {
        var orchestrator = configuration["DcpPublisher:CliPath"] ?? typeof(ContainerEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(static data => data.Key.Equals("DcpCliPath", StringComparison.OrdinalIgnoreCase)).Value!;
        var runtime = configuration["DcpPublisher:ContainerRuntime"] ?? configuration["ASPIRE_CONTAINER_RUNTIME"] ?? configuration["DOTNET_ASPIRE_CONTAINER_RUNTIME"];
        string[] arguments = string.IsNullOrEmpty(runtime) ? ["info"] : ["info", "--container-runtime", runtime];
        using var asked = Process.Start(new ProcessStartInfo(orchestrator, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        asked.ErrorDataReceived += static (_, _) => { };
        asked.BeginErrorReadLine();
        var answer = asked.StandardOutput.ReadToEndAsync();
        if (!answer.Wait(Bound))
        {
            // A daemon that hangs starts nothing.
            asked.Kill(entireProcessTree: true);
            return false;
        }

        asked.WaitForExit();
        return asked.ExitCode == 0 && (bool?)JsonNode.Parse(answer.Result)?["containers"]?["running"] == true;
    }
}
