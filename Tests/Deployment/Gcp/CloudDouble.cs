using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>A project of Google Cloud as the double of <c>gcloud</c> beside this file keeps it, and runs of deploy.sh against it.</summary>
internal sealed class CloudDouble : IDisposable
{
    public const string Project = "my-project";
    public const string Zone = "asia-southeast1-a";

    private readonly TemporaryDirectory _folder = new();

    public CloudDouble()
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && OperatingSystem.IsLinux(), "The script needs bash and the tools of Linux.");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "bin"));
        Directory.CreateDirectory(State);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "bin", "gcloud"), Path.Combine(Prose.Root, "Tests/Deployment/Gcp/gcloud"));
        Package = MakePackage("1");
    }

    /// <summary>A tarball as package.sh makes it, without programs.</summary>
    public string Package { get; set; }

    /// <summary>All calls so far.</summary>
    public IReadOnlyList<string> Calls => Lines("calls");

    /// <summary>The calls that changed something.</summary>
    public IReadOnlyList<string> Changes => Lines("changes");

    /// <summary>All that is there: the kinds and names of resources, and the versions on machines.</summary>
    public IReadOnlyList<string> Things =>
    [
        .. Directory.EnumerateFiles(State, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(State, file))
            .Where(static name => name is not ("calls" or "changes") && !name.StartsWith("uploaded-", StringComparison.Ordinal))
            .Select(name => name.StartsWith("installed-", StringComparison.Ordinal) ? $"{name} {File.ReadAllText(Path.Combine(State, name)).Trim()}" : name).Order(StringComparer.Ordinal),
    ];

    private string State => Path.Combine(_folder.Path, "state");

    /// <summary>Forgets the calls, and keeps what was made.</summary>
    public void ForgetCalls()
    {
        File.Delete(Path.Combine(State, "calls"));
        File.Delete(Path.Combine(State, "changes"));
    }

    /// <summary>Changes a resource behind the back of the script.</summary>
    public void Edit(string thing, string old, string @new)
    {
        var file = Path.Combine(State, thing);
        var text = File.ReadAllText(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(old, @new, StringComparison.Ordinal));
    }

    /// <summary>Makes a package with another version.</summary>
    public string MakePackage(string version)
    {
        var path = Path.Combine(_folder.Path, $"package-{version}.tar.gz");
        using var zip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        using var tar = new TarWriter(zip);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "aspire-integration/VERSION") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(version + "\n")) });
        return path;
    }

    /// <summary>Deploys the package.</summary>
    public Task<(int ExitCode, string Output)> DeployAsync(params string[] variables) => RunAsync($"--project {Project} --package {Package}", variables: variables);

    /// <summary>Deploys the package, and forgets the calls of that.</summary>
    public async Task BeDeployedAsync()
    {
        await DeployAsync();
        ForgetCalls();
    }

    /// <summary>Destroys the deployment, and confirms it.</summary>
    public Task<(int ExitCode, string Output)> DestroyAsync(string more = "", params string[] variables) =>
        RunAsync($"--project {Project} --destroy {more}", Project, variables);

    /// <summary>Runs the script with words, an input, and variables such as <c>FAIL_AT=3</c>.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(string arguments, string input = "", params string[] variables) =>
        RunScriptAsync(Path.Combine(Prose.Root, Scripts.Deploy), arguments, input, variables);

    /// <summary>Runs another text of the script: the test of a test.</summary>
    public Task<(int ExitCode, string Output)> RunFaultyAsync(string old, string @new, string arguments, params string[] variables)
    {
        var script = Path.Combine(_folder.Path, "faulty.sh");
        File.WriteAllText(script, new DeployedFiles((Scripts.Deploy, old, @new)).Read(Scripts.Deploy));
        return RunScriptAsync(script, arguments, "", variables);
    }

    public void Dispose() => _folder.Dispose();

    private Task<(int ExitCode, string Output)> RunScriptAsync(string script, string arguments, string input, string[] variables) => Command.RunAsync(
        _folder.Path,
        "/bin/bash",
        ["-c", "/bin/bash \"$@\" <<< \"$INPUT\"", "bash", script, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        [
            ("PATH", $"{Path.Combine(_folder.Path, "bin")}:{Environment.GetEnvironmentVariable("PATH")}"), ("GCLOUD_STATE", State), ("INPUT", input), ("DEPLOY_PAUSE", "0"),
            .. variables.Select(static variable => variable.Split('=', 2)).Select(static pair => (pair[0], pair[1])),
        ]);

    private string[] Lines(string file) => File.Exists(Path.Combine(State, file)) ? File.ReadAllLines(Path.Combine(State, file)) : [];
}
