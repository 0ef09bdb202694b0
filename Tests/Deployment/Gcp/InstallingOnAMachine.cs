using System.Runtime.Versioning;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>
/// install.sh on a machine that is a folder: its paths lead there, and the programs that need a real one are doubles. The data disk is a file, and blank
/// until it is formatted.
/// </summary>
[Trait("Speed", "Slow")]
[SupportedOSPlatform("linux")]
public sealed class InstallingOnAMachine : InAFolder
{
    private const string Settings = "EXTERNAL_ENDPOINT_URL=http://receiver:8081/external/alerts";

    private static readonly string[] Doubles = ["systemctl", "useradd", "id", "mount", "mountpoint", "wipefs", "mkfs.ext4"];

    public InstallingOnAMachine()
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && OperatingSystem.IsLinux(), "The script needs bash and the tools of Linux.");
        foreach (var path in (string[])["bin", "state", "machine/etc/systemd/system", "machine/dev/disk/by-id", "machine/opt", "machine/var/lib"])
        {
            Directory.CreateDirectory(At(path));
        }

        File.WriteAllText(At("machine/dev/disk/by-id/google-data"), "");
        File.WriteAllText(At("machine/etc/fstab"), "# none yet\n");
        foreach (var name in Doubles)
        {
            Scripts.WriteProgram(At($"bin/{name}"), $"""
                #!/bin/bash
                echo "{name} $*" >> "$STATE/calls"
                [ "$(grep --count . "$STATE/calls")" != "$FAIL_AT" ] || exit 1
                case {name} in
                  id) [ -e "$STATE/user" ] ;;
                  useradd) touch "$STATE/user" ;;
                  mountpoint) [ -e "$STATE/mounted" ] ;;
                  mount) touch "$STATE/mounted" ;;
                  wipefs) cat "$STATE/signature" 2> /dev/null || true ;;
                  mkfs.ext4) echo ext4 > "$STATE/signature" ;;
                esac
                """);
        }

        MakePackage("1");
    }

    private string[] Calls => File.Exists(At("state/calls")) ? File.ReadAllLines(At("state/calls")) : [];

    [Fact]
    public async Task A_first_installation_formats_mounts_and_starts()
    {
        await InstallAsync("middleware").Succeeds();
        Assert.Equal(
            [
                "wipefs", "mkfs.ext4", "systemctl daemon-reload", "mountpoint", "mount", "id", "useradd",
                "systemctl daemon-reload", "systemctl enable aspire-middleware.service", "systemctl restart aspire-middleware.service",
            ],
            Calls.Select(static call => call.StartsWith("systemctl", StringComparison.Ordinal) ? call : call.Split(' ')[0]));
        Assert.Equal("1\n", Read("opt/aspire-integration/installed"));
        Assert.Equal("made-key\n", Read("etc/aspire-integration/admin.key"));
        Assert.Equal(Settings + "\n", Read("etc/aspire-integration/settings.env"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Machine("etc/aspire-integration/admin.key")));
        Assert.Contains("nofail", Read("etc/fstab"), StringComparison.Ordinal);
        Assert.True(File.Exists(Machine("etc/systemd/system/aspire-middleware.service")));
    }

    [Fact]
    public async Task A_receiver_needs_no_disk()
    {
        File.Delete(Machine("dev/disk/by-id/google-data"));

        await InstallAsync("receiver").Succeeds();
        Assert.DoesNotContain(Calls, static call => call.StartsWith("mk", StringComparison.Ordinal) || call.StartsWith("mount", StringComparison.Ordinal));
        Assert.InRange(Read("etc/aspire-integration/alerts.key").Trim().Length, 16, 100);
    }

    [Fact]
    public async Task A_second_installation_keeps_disk_keys_and_settings()
    {
        await InstallAsync("middleware");
        await File.WriteAllTextAsync(Machine("etc/aspire-integration/settings.env"), "MAX_AGE=1h\n", Waiting.Cancellation);
        await File.WriteAllTextAsync(Machine("etc/aspire-integration/admin.key"), "another-key\n", Waiting.Cancellation);
        File.Delete(At("state/calls"));
        MakePackage("2");

        await InstallAsync("middleware").Succeeds();
        Assert.DoesNotContain(Calls, static call => call.StartsWith("mkfs", StringComparison.Ordinal) || call.StartsWith("mount ", StringComparison.Ordinal) || call.StartsWith("useradd", StringComparison.Ordinal));
        Assert.Equal("MAX_AGE=1h\n", Read("etc/aspire-integration/settings.env"));
        Assert.Equal("another-key\n", Read("etc/aspire-integration/admin.key"));
        Assert.Equal("2\n", Read("opt/aspire-integration/installed"));
        Assert.Single(Read("etc/fstab").Split('\n'), static line => line.Contains("google-data", StringComparison.Ordinal));

        // The way back.
        Assert.Equal(["1", "2"], Directory.GetDirectories(Machine("opt/aspire-integration/releases")).Select(Path.GetFileName).Order());
        Assert.Equal("releases/2", new FileInfo(Machine("opt/aspire-integration/current")).LinkTarget);
    }

    [Fact]
    public async Task A_disk_with_something_on_it_is_never_formatted()
    {
        await File.WriteAllTextAsync(At("state/signature"), "xfs\n", Waiting.Cancellation);

        await InstallAsync("middleware");

        Assert.DoesNotContain(Calls, static call => call.StartsWith("mkfs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_or_is_not_there_ends_it()
    {
        var (unread, line) = await InstallAsync("middleware", failAt: 1);
        Assert.Equal((1, "install.sh: the data disk cannot be read.\n"), (unread, line));
        Assert.Equal(["wipefs"], Calls.Select(static call => call.Split(' ')[0]));

        File.Delete(Machine("dev/disk/by-id/google-data"));
        var (missing, other) = await InstallAsync("middleware");
        Assert.Equal(1, missing);
        Assert.StartsWith("install.sh: the data disk is not attached: ", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_failure_at_any_step_the_next_one_goes_on()
    {
        for (var step = 1; step <= 10; step++)
        {
            using var machine = new InstallingOnAMachine();
            var (failed, _) = await machine.InstallAsync("middleware", failAt: step);

            // A question that fails is a no.
            Assert.Equal(machine.Calls[step - 1].Split(' ')[0] is "id" or "mountpoint" ? 0 : 1, failed);
            Assert.Equal(failed == 0, File.Exists(machine.Machine("opt/aspire-integration/installed")));

            await machine.InstallAsync("middleware").Succeeds();
            Assert.Equal("1\n", machine.Read("opt/aspire-integration/installed"));
            Assert.Equal("made-key\n", machine.Read("etc/aspire-integration/admin.key"));
        }
    }

    [Fact]
    public async Task A_word_that_is_no_role_is_refused()
    {
        Assert.Equal((2, "install.sh: \"console\" is no role; expected middleware or receiver.\n"), await InstallAsync("console"));
        Assert.Empty(Calls);
    }

    /// <summary>The test of these tests: a script that formats the disk each time.</summary>
    [Fact]
    public async Task A_disk_that_is_formatted_twice_is_found()
    {
        await InstallAsync("middleware");
        File.Delete(At("state/calls"));

        await InstallAsync("middleware", fault: (Scripts.Install, "if [ -z \"$signatures\" ]; then", "if true; then"));

        Assert.Contains(Calls, static call => call.StartsWith("mkfs", StringComparison.Ordinal));
    }

    private Task<(int ExitCode, string Output)> InstallAsync(string role, int failAt = 0, (string File, string Text, string Other)? fault = null)
    {
        var text = new DeployedFiles(fault).Read(Scripts.Install);
        foreach (var folder in (string[])["/etc/", "/opt/", "/dev/disk/", "/var/lib/"])
        {
            text = text.Replace(folder, Machine(folder[1..]), StringComparison.Ordinal);
        }

        Scripts.WriteProgram(At("aspire-integration/install.sh"), text);
        return Command.RunAsync(
            Folder.Path, At("aspire-integration/install.sh"), [role, Settings],
            ("PATH", $"{At("bin")}:{Environment.GetEnvironmentVariable("PATH")}"), ("STATE", At("state")), ("FAIL_AT", $"{failAt}"));
    }

    private void MakePackage(string version)
    {
        foreach (var program in (string[])["Middleware.Api", "ExternalAlerts.Api"])
        {
            Scripts.WriteProgram(At($"aspire-integration/{program}/{program}"), "#!/bin/sh\necho 'key     made-key'\necho 'digest  of-it'\n");
        }

        foreach (var unit in Prose.Files("*.service", "deploy/gcp/systemd"))
        {
            File.WriteAllText(At($"aspire-integration/{Path.GetFileName(unit)}"), Scripts.Read(unit));
        }

        File.WriteAllText(At("aspire-integration/VERSION"), version + "\n");
    }

    private string Machine(string path) => At($"machine/{path}");

    private string Read(string path) => File.ReadAllText(Machine(path));

    private string At(string path) => Path.Combine(Folder.Path, path);
}
