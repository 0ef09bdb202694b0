using System.Runtime.InteropServices;
using Middleware.Events;
using Middleware.Storage.Sqlite;
using SQLitePCL;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class StoreThatCannotBeWritten : OnAStage
{
    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_full_disk_refuses_events_holds_outcomes_and_goes_on_by_itself()
    {
        // Outcomes that need room, so that none of them can be written either.
        Stage.Receiver.Answer = static _ => Made.Delivered() with { Response = new byte[4096] };
        Stage.Receiver.Hold();
        var ids = (await Stage.AcceptAsync(50)).ToHashSet();
        StoreFile.Execute(Stage.Writer, "PRAGMA max_page_count = 1");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Stage.AcceptAsync(bytes: 1 << 20));

        Stage.Receiver.Release();
        await Waiting.WithinTheTest(() => Stage.Receiver.Sent.Count == 50);
        await Waiting.WithinTheTest(() => Stage.Store.Failure is not null);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Stage.AcceptAsync(bytes: 1 << 20));
        Assert.NotEqual(0, Stage.Store.Waiting(new("default")));

        StoreFile.Execute(Stage.Writer, "PRAGMA max_page_count = 1000000");
        await Stage.UntilDoneAsync();
        Assert.Null(Stage.Store.Failure);
        ids.Add(await Stage.AcceptAsync(bytes: 1 << 20));
        await Stage.UntilDoneAsync();

        Assert.Equal(ids.Order(), Stage.Receiver.Sent.Select(sent => sent.Event.Id).Order());
        Assert.Equal(51, Stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(51, Stage.Number("SELECT COUNT(*) FROM events"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_file_that_was_moved_away_refuses_and_goes_on_when_it_is_back_though_nobody_asks()
    {
        Stage.Receiver.Hold();
        var first = await Stage.AcceptAsync();
        var aside = Path.Combine(Stage.Folder, "aside.db");
        File.Move(Stage.Database, aside);

        Assert.NotNull(Stage.Store.Failure);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Stage.AcceptAsync());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Stage.AcceptAsync());

        File.Move(aside, Stage.Database);
        await Waiting.WithinTheTest(() => Stage.Store.Failure is null);
        var second = await Stage.AcceptAsync();
        Stage.Receiver.Release();
        await Stage.UntilDoneAsync();
        Assert.Equal([first, second], Stage.Receiver.Sent.Select(sent => sent.Event.Id));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_file_that_was_replaced_by_another_is_not_taken_for_the_store()
    {
        await Stage.AcceptAsync();
        await Stage.UntilDoneAsync();
        var copy = Path.Combine(Stage.Folder, "copy.db");
        File.Copy(Stage.Database, copy);
        File.Move(copy, Stage.Database, overwrite: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Stage.AcceptAsync());
        Assert.NotNull(Stage.Store.Failure);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_log_that_was_removed_is_noticed_too()
    {
        await Stage.AcceptAsync();
        File.Delete(Stage.Database + "-wal");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Stage.AcceptAsync());
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_commit_that_reports_a_failure_but_was_made_is_answered_as_made()
    {
        using var fault = new CommitFault(Stage.Writer.Handle!);
        Stage.Receiver.Hold();

        fault.Armed = true;
        var accepted = await Stage.AcceptAsync();
        Assert.False(fault.Armed);

        Stage.Receiver.Release();
        await Stage.UntilDoneAsync();
        Assert.Equal(accepted, Assert.Single(Stage.Receiver.Sent).Event.Id);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task An_outcome_whose_commit_reports_a_failure_but_was_made_is_recorded_once()
    {
        using var fault = new CommitFault(Stage.Writer.Handle!);
        Stage.Receiver.Hold();
        await Stage.AcceptAsync(5);

        fault.Armed = true;
        Stage.Receiver.Release();
        await Stage.UntilDoneAsync();

        Assert.False(fault.Armed);
        Assert.Equal(5, Stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(0, Stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.Equal(5, Stage.Receiver.Sent.Count);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_commit_of_which_nothing_can_be_learned_at_first_is_counted_once()
    {
        using var fault = new CommitFault(Stage.Writer.Handle!) { HidesResult = true };
        Stage.Receiver.Hold();

        fault.Armed = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Stage.AcceptAsync());
        await Waiting.WithinTheTest(() => Stage.Store.Failure is null);
        await Stage.AcceptAsync();

        Assert.Equal(2, Stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.Equal(2, Stage.Store.Waiting(new("default")));
    }

    /// <summary>Lets one commit report an I/O error though it was made: SQLite passes on what its hook for written logs returns.</summary>
    private sealed class CommitFault : IDisposable
    {
        private readonly Hook _hook;
        private readonly sqlite3 _connection;
        private int _interrupts;

        public CommitFault(sqlite3 connection)
        {
            _connection = connection;
            _hook = (_, _, _, _) =>
            {
                var result = Armed ? raw.SQLITE_IOERR : raw.SQLITE_OK;
                _interrupts = Armed && HidesResult ? 1 : 0;
                Armed = false;
                return result;
            };
            SetHook(connection, _hook, 0);
            raw.sqlite3_progress_handler(connection, 1, _ => Interlocked.Exchange(ref _interrupts, 0), null);
        }

        private delegate int Hook(nint context, nint connection, nint database, int pages);

        public volatile bool Armed;

        /// <summary>True: the statement that follows the commit is interrupted.</summary>
        public bool HidesResult { get; init; }

        public void Dispose()
        {
            SetHook(_connection, null, 0);
            raw.sqlite3_progress_handler(_connection, 0, null, null);
        }

        [DllImport("e_sqlite3", EntryPoint = "sqlite3_wal_hook")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint SetHook(sqlite3 connection, Hook? hook, nint context);
    }
}
