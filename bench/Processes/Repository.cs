using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Bench.Processes;

/// <summary>The checkout the benchmark was built from: publishes the services and says where results go.</summary>
internal sealed class Repository
{
    private readonly string _root;

    private Repository(string root)
    {
        _root = root;
        Output = Directory.CreateDirectory(Path.Combine(root, "artifacts", "bench")).FullName;
    }

    /// <summary>Results and the output of the processes.</summary>
    public string Output { get; }

    public static Repository Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AspireIntegration.sln")))
            {
                return new Repository(folder.FullName);
            }
        }

        throw new BenchException("AspireIntegration.sln is in no folder above the benchmark");
    }

    /// <summary>A build apart: the other form's would compile what both share anew, and so all of the native code each time.</summary>
    private string NativeArtifacts => Path.Combine(Output, "publish", "native", "artifacts");

    /// <summary>The static profile of the service, which is kept with its sources.</summary>
    public string Profile => Path.Combine(_root, "Middleware.Api", "middleware.mibc");

    public string Log(string name) => Path.Combine(Output, $"{name}.log");

    /// <summary>Deletes the output of earlier runs.</summary>
    public void ForgetLogs() => Directory.EnumerateFiles(Output, "*.log").ToList().ForEach(File.Delete);

    /// <summary>Publishes a service in Release, as native code or for the runtime, and answers the path of its executable.</summary>
    public Task<string> PublishAsync(string project, bool native, CancellationToken cancellationToken) =>
        PublishAsync(
            _root, project, Path.Combine(Output, "publish", native ? "native" : "runtime", project), native,
            native ? ["--artifacts-path", NativeArtifacts] : [], cancellationToken);

    /// <summary>Builds a service in Release as its native code is built, and answers the path of its executable. What is published for the runtime alone is not the same.</summary>
    public async Task<string> BuildAsync(string project, CancellationToken cancellationToken)
    {
        var artifacts = Path.Combine(Output, "publish", "profile");
        await RunAsync("build", _root, project, ["--artifacts-path", artifacts], cancellationToken);
        return Path.Combine(artifacts, "bin", project, "release", project);
    }

    /// <summary>Publishes a service of another checkout into this one's output: the other checkout stays as it is.</summary>
    public Task<string> PublishAgainstAsync(string checkout, string project, bool native, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(checkout, project, $"{project}.csproj")))
        {
            throw new BenchException($"--against \"{checkout}\" has no {project}/{project}.csproj; expected the folder of another checkout");
        }

        // An incremental build takes an older source of another checkout for one that it has compiled.
        var folder = Path.Combine(Output, "publish", "against");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return PublishAsync(checkout, project, Path.Combine(folder, project), native, ["--artifacts-path", Path.Combine(folder, "artifacts")], cancellationToken);
    }

    private static async Task<string> PublishAsync(
        string root, string project, string folder, bool native, string[] more, CancellationToken cancellationToken)
    {
        string[] form = native ? ["-p:PublishAot=true", "-r", RuntimeInformation.RuntimeIdentifier] : ["-p:PublishAot=false"];
        await RunAsync("publish", root, project, ["-o", folder, .. form, .. more], cancellationToken);
        return Path.Combine(folder, project);
    }

    private static async Task RunAsync(string command, string root, string project, string[] more, CancellationToken cancellationToken)
    {
        string[] all = [command, Path.Combine(root, project), "-c", "Release", "--disable-build-servers", "-v", "quiet", .. more];
        using var dotnet = Process.Start(new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true })!;
        try
        {
            var output = await dotnet.StandardOutput.ReadToEndAsync(cancellationToken);
            await dotnet.WaitForExitAsync(cancellationToken);
            if (dotnet.ExitCode != 0)
            {
                throw new BenchException($"dotnet {command} {project} failed:\n{output}");
            }
        }
        finally
        {
            if (!dotnet.HasExited)
            {
                dotnet.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>The version of a published service, with the commit it was built from if that is known. Native code bears none.</summary>
    public static string VersionOf(string executable) =>
        File.Exists($"{executable}.dll") && FileVersionInfo.GetVersionInfo($"{executable}.dll").ProductVersion is { } version ? version : "of no version";

    /// <summary>The garbage collector a published service runs with, as environment, so that the baselines run with the same.</summary>
    public Dictionary<string, string> CollectorOf(string executable)
    {
        // Native code has these settings in it; the build that it was made of has them in a file.
        var (project, settings) = (Path.GetFileName(executable), $"{executable}.runtimeconfig.json");
        using var json = JsonDocument.Parse(File.ReadAllBytes(
            File.Exists(settings) ? settings : Path.Combine(NativeArtifacts, "bin", project, $"release_{RuntimeInformation.RuntimeIdentifier}", Path.GetFileName(settings))));
        var properties = json.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        return new Dictionary<string, string>
        {
            ["DOTNET_gcServer"] = IsSet("System.GC.Server") ? "1" : "0",
            ["DOTNET_gcConcurrent"] = IsSet("System.GC.Concurrent", unlessGiven: true) ? "1" : "0",
        };

        bool IsSet(string name, bool unlessGiven = false) => properties.TryGetProperty(name, out var value) ? value.ValueKind is JsonValueKind.True : unlessGiven;
    }
}
