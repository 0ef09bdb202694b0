namespace Middleware.Storage.Sqlite;

/// <summary>A folder of this process alone in the system's folder for temporary files, deleted with all its files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "aspire-integration-memory-";

    /// <summary>Creates it, and deletes those of killed processes.</summary>
    public TemporaryFolder()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            if (IsLeftBehind(folder))
            {
                TryDelete(folder);
            }
        }

        // On systems that know modes it is the owner's alone.
        Path = Directory.CreateTempSubdirectory(Prefix).FullName;
    }

    public string Path { get; }

    public void Dispose() => TryDelete(Path);

    /// <summary>
    /// True for a store without a lock. A store is created after its lock is taken, and the lock ends with the process: the process is gone.
    /// </summary>
    private static bool IsLeftBehind(string folder)
    {
        if (!File.Exists(StoreFile.PathIn(folder)))
        {
            return false;
        }

        try
        {
            new FileStream(StoreFile.LockIn(folder), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process deletes it as well, or has a file of it open: a later start deletes the rest.
        }
    }
}
