namespace Tests;

/// <summary>A folder of its own, deleted with all that is in it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("aspire-integration-").FullName;

    /// <summary>Makes one that the other users of the machine may enter, such as the one that runs PostgreSQL.</summary>
    public static TemporaryDirectory OpenToPrograms()
    {
        var made = new TemporaryDirectory();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(made.Path, File.GetUnixFileMode(made.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        return made;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
