namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class RefusingToStart : InAFolder
{
    private const string FullDisk = "). The disk is full: make room.";
    private static readonly Uri Nowhere = new("http://127.0.0.1:9/");

    private string Database => StoredFile.PathIn(Folder.Path);

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_second_process_on_the_same_folder()
    {
        using var first = await CrashStage.StartAsync(Folder.Path, Nowhere);

        var line = await RefusalAsync(Folder.Path);

        Assert.Equal($"DATA_DIR: the store in \"{Folder.Path}\" is in use by another process. Give each process a folder of its own: one store is for one process.", line);
        Assert.Equal(0, await first.StopAsync());
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_schema_of_a_newer_version()
    {
        using (var first = await CrashStage.StartAsync(Folder.Path, Nowhere))
        {
            Assert.Equal(0, await first.StopAsync());
        }

        StoredFile.Execute(Folder.Path, "PRAGMA user_version = 999");

        Assert.Contains("has schema 999", await RefusalAsync(Folder.Path), StringComparison.Ordinal);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_file_that_is_no_store()
    {
        var garbage = new byte[8192];
        new Random(1).NextBytes(garbage);
        await File.WriteAllBytesAsync(Database, garbage, TestContext.Current.CancellationToken);

        Assert.Contains("restore a backup", await RefusalAsync(Folder.Path), StringComparison.Ordinal);
        Assert.Equal(garbage, await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_database_that_is_a_folder()
    {
        Directory.CreateDirectory(Database);

        Assert.StartsWith($"DATA_DIR: the store \"{Database}\" cannot be opened", await RefusalAsync(Folder.Path), StringComparison.Ordinal);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_data_folder_that_is_a_file()
    {
        var file = Path.Combine(Folder.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        AssertCannotBeWritten(file, await RefusalAsync(file));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_folder_that_cannot_be_written_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");

        // Root may write anywhere but among the kernel's own files.
        var folder = OperatingSystem.IsLinux() ? "/proc/aspire-integration" : "/aspire-integration";

        AssertCannotBeWritten(folder, await RefusalAsync(folder));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_folder_on_a_file_system_that_is_read_only()
    {
        using var disk = await SmallDisk.MountAsync("size=1m");
        await disk.MakeReadOnlyAsync();

        AssertCannotBeWritten(disk.Path, await RefusalAsync(disk.Path));
    }

    /// <summary>Room for nothing; for the database and not for the index of its log; for both and not for the schema.</summary>
    [Theory(Timeout = CrashStage.TestLimit)]
    [InlineData(0)]
    [InlineData(8_192)]
    [InlineData(32_768)]
    [InlineData(65_536)]
    public async Task A_disk_without_room(int free)
    {
        const int Size = 1 << 20;
        using var disk = await SmallDisk.MountAsync($"size={Size}");
        await File.WriteAllBytesAsync(Path.Combine(disk.Path, "ballast"), new byte[Size - free], TestContext.Current.CancellationToken);

        var line = await RefusalAsync(disk.Path);

        Assert.StartsWith($"DATA_DIR: the store \"{StoredFile.PathIn(disk.Path)}\" cannot be opened (", line, StringComparison.Ordinal);
        Assert.EndsWith(FullDisk, line, StringComparison.Ordinal);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_disk_on_which_no_file_can_be_created()
    {
        // The root is the one file there is room for.
        using var disk = await SmallDisk.MountAsync("size=1m,nr_inodes=1");

        var line = await RefusalAsync(disk.Path);

        Assert.StartsWith($"DATA_DIR: no store can be created in \"{disk.Path}\" (No space left on device", line, StringComparison.Ordinal);
        Assert.EndsWith(FullDisk, line, StringComparison.Ordinal);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_folder_for_temporary_files_that_is_not_there()
    {
        var folder = Path.Combine(Folder.Path, "none") + Path.DirectorySeparatorChar;
        using var process = ServiceProcess.Begin("Middleware.Api", "ConnectionStrings__events=memory", $"TMPDIR={folder}", "DOTNET_EnableDiagnostics=0");

        Assert.Equal(1, await process.ExitCodeAsync());
        var line = Assert.Single(process.Reasons);
        Assert.StartsWith($"TMPDIR: \"{folder}\" cannot be written to (", line, StringComparison.Ordinal);
        Assert.EndsWith("). Give a folder in which this process may create files.", line, StringComparison.Ordinal);
    }

    private static void AssertCannotBeWritten(string folder, string line)
    {
        Assert.StartsWith($"DATA_DIR: \"{folder}\" cannot be written to (", line, StringComparison.Ordinal);
        Assert.EndsWith("). Give a folder in which this process may create files.", line, StringComparison.Ordinal);
    }

    /// <summary>The one line it says, on the error output; nothing else says anything of it.</summary>
    private static async Task<string> RefusalAsync(string folder)
    {
        using var process = CrashStage.Begin(folder, Nowhere);
        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.Empty(process.Output);
        return Assert.Single(process.Reasons);
    }
}
