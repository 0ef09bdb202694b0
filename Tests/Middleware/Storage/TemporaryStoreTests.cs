using Microsoft.Extensions.Logging;
using Middleware.Storage;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;

namespace Tests.Middleware.Storage;

/// <summary>The store behind <c>ConnectionStrings__events=memory</c>.</summary>
[Trait("Speed", "Slow")]
public sealed class TemporaryStoreTests : EventStoreConformance, IDisposable
{
    private readonly List<SqlEventStore> _stores = [];

    public void Dispose() => _stores.ForEach(static store => store.Dispose());

    [Fact]
    public async Task Its_files_are_its_owners_alone_and_gone_with_their_folder_when_it_is_closed()
    {
        var store = await OpenAsync();
        var folder = Path.GetDirectoryName(store.Place)!;

        Assert.False(store.IsDurable);
        Assert.StartsWith(Path.GetTempPath(), folder, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        store.Dispose();
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_start_deletes_what_has_no_owner_any_more_and_nothing_else()
    {
        var running = await OpenAsync();
        var orphan = Directory.CreateTempSubdirectory("aspire-integration-memory-").FullName;
        try
        {
            // Another process is about to create its store.
            await OpenAsync();
            Assert.True(Directory.Exists(orphan));

            await File.WriteAllTextAsync(StoreFile.LockIn(orphan), "", Waiting.Cancellation);
            await File.WriteAllTextAsync(StoreFile.PathIn(orphan), "", Waiting.Cancellation);
            await File.WriteAllTextAsync(StoreFile.PathIn(orphan) + "-wal", "", Waiting.Cancellation);
            using (new FileStream(StoreFile.LockIn(orphan), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                await OpenAsync();
                Assert.True(Directory.Exists(orphan));
            }

            await OpenAsync();
            Assert.False(Directory.Exists(orphan));
            Assert.True(File.Exists(running.Place));
        }
        finally
        {
            Directory.CreateDirectory(orphan).Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_goes_on_when_its_files_are_removed()
    {
        var store = await OpenAsync();
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Files that are open are not removed on Windows.");
        }

        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(store.Place)!), File.Delete);
        await Fill(store, Made.Endpoint(), 1);
        await store.RecordAsync(Assert.Single(Sink.Told), Made.Delivered(), Waiting.Cancellation);

        await Waiting.Until(() => Sink.HasDrained.Count == 1);
        Assert.Null(store.Failure);
    }

    [Fact]
    public async Task What_is_lost_with_it_is_counted_in_one_line()
    {
        using var log = new CapturedLog();
        var store = await OpenAsync(log);
        await Fill(store, Made.Endpoint(), 5);

        // The last outcomes are written by the end: one is delivered, one a dead letter that is tried again, one waits for an operator.
        await store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);
        await store.RecordAsync(Sink.Told[1], Made.Failed(), Waiting.Cancellation, nextRetryAt: TestClock.Noon);
        await store.RecordAsync(Sink.Told[2], Made.Failed(), Waiting.Cancellation);
        store.Dispose();
        store.Dispose();

        var line = Assert.Single(log.Errors);
        Assert.Equal("accepted events lost: they were not delivered within the time for the stop and the memory store keeps nothing", line.Message);
        Assert.Equal((LogLevel.Error, 4L, 30d), (line.Level, line.Values["lost"], line.Values["secondsGiven"]));
    }

    [Fact]
    public async Task Nothing_is_said_when_nothing_is_lost()
    {
        using var log = new CapturedLog();
        var store = await OpenAsync(log);
        await Fill(store, Made.Endpoint(), 1);
        await store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);

        store.Dispose();

        Assert.Empty(log.Errors);
    }

    private protected override Task<IEventStore> Create() => Task.FromResult<IEventStore>(Make());

    private async Task<SqlEventStore> OpenAsync(CapturedLog? log = null)
    {
        var store = Make(log);
        await store.OpenAsync(Sink, Waiting.Cancellation);
        return store;
    }

    private SqlEventStore Make(CapturedLog? log = null)
    {
        var store = Made.Store(new TestClock(), log: log?.For<SqlEventStore>());
        _stores.Add(store);
        return store;
    }
}
