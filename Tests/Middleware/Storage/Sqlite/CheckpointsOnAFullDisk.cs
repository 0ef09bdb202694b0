using Microsoft.Data.Sqlite;
using Middleware.Storage.Sqlite;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class CheckpointsOnAFullDisk
{
    private const string Line = "checkpoints of the store fail, trying again";

    [Fact]
    public async Task A_failure_is_logged_when_it_begins_and_not_while_it_lasts()
    {
        using var log = new CapturedLog();
        using var disk = await SmallDisk.MountAsync("size=8m");
        var ballast = Path.Combine(disk.Path, "ballast");
        using var file = StoreFile.Open(disk.Path);
        using var writer = file.OpenWriter();
        using var checkpoints = new Checkpoints(file, static () => { }, static _ => { }, log.For<Checkpoints>());
        StoreFile.Execute(writer, "CREATE TABLE t (x)");

        // The log keeps its size when all of it is in the database, and is written over: commits go on where the database has no room to grow.
        Write(writer, 1_000_000);
        checkpoints.Move();
        Assert.Empty(log.Of(Line));

        Fill(ballast);
        Write(writer, 400_000);
        checkpoints.Move();
        checkpoints.Move();
        checkpoints.Move();
        Assert.Single(log.Of(Line));

        File.Delete(ballast);
        checkpoints.Move();
        Assert.Single(log.Of(Line));

        Fill(ballast);
        Write(writer, 400_000);
        checkpoints.Move();
        checkpoints.Move();
        Assert.Equal(2, log.Of(Line).Count());
        File.Delete(ballast);
    }

    private static void Write(SqliteConnection writer, int bytes) => StoreFile.Execute(writer, FormattableString.Invariant($"INSERT INTO t VALUES (randomblob({bytes}))"));

    /// <summary>Writes a file until the disk has no room.</summary>
    private static void Fill(string path)
    {
        using var ballast = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        Assert.Throws<IOException>(WriteOn);

        void WriteOn()
        {
            while (true)
            {
                ballast.Write(new byte[4_096]);
            }
        }
    }
}
