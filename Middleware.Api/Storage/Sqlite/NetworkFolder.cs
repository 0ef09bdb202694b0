using System.Collections.Frozen;

namespace Middleware.Storage.Sqlite;

/// <summary>Recognises file systems of other machines, on which neither the locks nor the shared memory of SQLite's log hold: https://sqlite.org/wal.html.</summary>
internal static class NetworkFolder
{
    // The drive's own type is no help on Linux: it has network for folders of a container's runtime too.
    private static readonly FrozenSet<string> Formats =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "nfs", "nfs4", "smb", "smb2", "smb3", "smbfs", "cifs", "afs", "afpfs", "ncp", "ncpfs", "coda", "ceph", "gfs", "glusterfs", "lustre", "webdav");

    public static bool IsNetwork(string format) => Formats.Contains(format);

    /// <summary>The format of the network file system that a folder is on, such as <c>nfs</c>. Null for one of this machine or an unknown one.</summary>
    public static string? FormatOf(string folder)
    {
        try
        {
            var drive = new DriveInfo(folder);
            return (OperatingSystem.IsWindows() ? drive.DriveType == DriveType.Network : IsNetwork(drive.DriveFormat)) ? drive.DriveFormat : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
