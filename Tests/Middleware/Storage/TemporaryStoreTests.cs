using Microsoft.Extensions.Logging;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;

namespace Tests.Middleware.Storage;

/// <summary>The store behind <c>ConnectionStrings__events=memory</c>.</summary>
[Trait("Speed", "Slow")]
public sealed class TemporaryStoreTests : EventStoreConformance
{
    private readonly CapturedLog _log = new();

    [Fact]
    public void Its_files_are_its_owners_alone_and_gone_with_their_folder_when_it_is_closed()
    {
        var folder = Path.GetDirectoryName(Store.Place)!;

        Assert.False(Store.IsDurable);
        Assert.StartsWith(Path.GetTempPath(), folder, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        Store.Dispose();
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_start_deletes_what_has_no_owner_any_more_and_nothing_else()
    {
        var orphan = Directory.CreateTempSubdirectory("aspire-integration-memory-").FullName;
        try
        {
            // Another process is about to create its store.
            await Open();
            Assert.True(Directory.Exists(orphan));

            await File.WriteAllTextAsync(StoreFile.LockIn(orphan), "", Waiting.Cancellation);
            await File.WriteAllTextAsync(StoreFile.PathIn(orphan), "", Waiting.Cancellation);
            await File.WriteAllTextAsync(StoreFile.PathIn(orphan) + "-wal", "", Waiting.Cancellation);
            using (new FileStream(StoreFile.LockIn(orphan), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                await Open();
                Assert.True(Directory.Exists(orphan));
            }

            await Open();
            Assert.False(Directory.Exists(orphan));
            Assert.True(File.Exists(Store.Place));
        }
        finally
        {
            Directory.CreateDirectory(orphan).Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_goes_on_when_its_files_are_removed()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Files that are open are not removed on Windows.");
        }

        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(Store.Place)!), File.Delete);
        await Fill(Made.Endpoint(), 1);
        await Store.RecordAsync(Assert.Single(Sink.Told), Made.Delivered(), Waiting.Cancellation);

        await Waiting.Until(() => Sink.HasDrained.Count == 1);
        Assert.Null(Store.Failure);
    }

    [Fact]
    public async Task What_is_lost_with_it_is_counted_in_one_line()
    {
        await Fill(Made.Endpoint(), 5);

        // The last outcomes are written by the end: one is delivered, one a dead letter that is tried again, one waits for an operator.
        await Store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);
        await Store.RecordAsync(Sink.Told[1], Made.Failed(), Waiting.Cancellation, nextRetryAt: TestClock.Noon);
        await Store.RecordAsync(Sink.Told[2], Made.Failed(), Waiting.Cancellation);
        Store.Dispose();
        Store.Dispose();

        var line = Assert.Single(_log.Errors);
        Assert.Equal("accepted events lost: they were not delivered within the time for the stop and the memory store keeps nothing", line.Message);
        Assert.Equal((LogLevel.Error, 4L, 30d), (line.Level, line.Values["lost"], line.Values["secondsGiven"]));
    }

    [Fact]
    public async Task Nothing_is_said_when_nothing_is_lost()
    {
        await Fill(Made.Endpoint(), 1);
        await Store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);

        Store.Dispose();

        Assert.Empty(_log.Errors);
    }

    private protected override Task<SqlEventStore> Make() => Task.FromResult(Made.Store(new TestClock(), log: _log.For<SqlEventStore>()));
}
