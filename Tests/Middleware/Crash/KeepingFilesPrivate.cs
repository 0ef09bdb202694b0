namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class KeepingFilesPrivate : InAFolder
{
    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnFolder = OwnFile | UnixFileMode.UserExecute;
    private const UnixFileMode SharedFile = OwnFile | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode SharedFolder = OwnFolder | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private static readonly Uri Nowhere = new("http://127.0.0.1:9/");

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_new_folder_and_all_files_in_it_are_their_owner_s_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");
        var folder = Path.Combine(Folder.Path, "new");

        using var service = await CrashStage.StartAsync(folder, Nowhere);

        Assert.Equal(OwnFolder, ModeOf(folder));
        Assert.Equal(
            [("events.db", OwnFile), ("events.db-shm", OwnFile), ("events.db-wal", OwnFile), ("events.db.lock", OwnFile)],
            Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(static file => (Path.GetFileName(file), ModeOf(file))));
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task What_is_there_keeps_its_mode()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");
        using (var first = await CrashStage.StartAsync(Folder.Path, Nowhere))
        {
            Assert.Equal(0, await first.StopAsync());
        }

        SetMode(Folder.Path, SharedFolder);
        SetMode(StoredFile.PathIn(Folder.Path), SharedFile);
        using var service = await CrashStage.StartAsync(Folder.Path, Nowhere);

        Assert.Equal(SharedFolder, ModeOf(Folder.Path));
        Assert.Equal(SharedFile, ModeOf(StoredFile.PathIn(Folder.Path)));
        Assert.Equal(SharedFile, ModeOf(StoredFile.PathIn(Folder.Path) + "-wal"));
        Assert.Equal(0, await service.StopAsync());
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
}
