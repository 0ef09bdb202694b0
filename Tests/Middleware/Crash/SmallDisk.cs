using System.Diagnostics;

namespace Tests.Middleware.Crash;

/// <summary>A file system of its own, as small as a test needs it; the test is skipped where the user is not root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public string Path => _folder.Path;

    /// <summary>Mounts a tmpfs with options such as <c>size=16m</c>.</summary>
    public static async Task<SmallDisk> MountAsync(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A disk this small is a Linux tmpfs.");
        var disk = new SmallDisk();
        if (await RunAsync("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk.Path) != 0)
        {
            disk._folder.Dispose();
            Assert.Skip("Root is needed: this user may not mount a tmpfs.");
        }

        return disk;
    }

    /// <summary>Has nothing written to it from now on.</summary>
    public async Task MakeReadOnlyAsync() => Assert.Equal(0, await RunAsync("mount", "-o", "remount,ro", Path));

    public void Dispose()
    {
        using var unmount = Process.Start("umount", [Path]);
        unmount.WaitForExit();
        Assert.Equal(0, unmount.ExitCode);
        _folder.Dispose();
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
