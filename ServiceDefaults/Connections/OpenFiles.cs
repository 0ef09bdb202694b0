using System.Runtime.InteropServices;

namespace ServiceDefaults.Connections;

/// <summary>The files, sockets among them, that this process may have open, and has.</summary>
public static class OpenFiles
{
    private const int OnLinux = 7;
    private const int OnMacOS = 8;

    /// <summary>The soft limit of RLIMIT_NOFILE, which the runtime raises to the hard one when it starts; null where there is none.</summary>
    public static long? Limit
    {
        get
        {
            if (OperatingSystem.IsWindows() || GetLimit(OperatingSystem.IsMacOS() ? OnMacOS : OnLinux, out var limit) != 0)
            {
                return null;
            }

            return limit.Soft > long.MaxValue ? null : (long)limit.Soft;
        }
    }

    /// <summary>The number of open files; 0 on Windows, which has no such limit.</summary>
    public static int Count => OperatingSystem.IsWindows() ? 0 : Directory.EnumerateFileSystemEntries(OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd").Count();

    [DllImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetLimit(int resource, out Bounds limit);

    /// <summary>The rlimit of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Bounds
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
