using System.Runtime.InteropServices;
using Middleware.Events;
using Middleware.Storage.Sqlite;
using SQLitePCL;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class StoreThatCannotBeWritten : IAsyncLifetime
{
    private readonly StoreStage _stage = new();

    public async ValueTask InitializeAsync() => await _stage.OpenAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_full_disk_refuses_events_holds_outcomes_and_goes_on_by_itself()
    {
        // Outcomes that need room, so that none of them can be written either.
        _stage.Receiver.Answer = static _ => Made.Delivered() with { Response = new byte[4096] };
        _stage.Receiver.Hold();
        var ids = (await _stage.AcceptAsync(50)).ToHashSet();
        StoreFile.Execute(_stage.Writer, "PRAGMA max_page_count = 1");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _stage.AcceptAsync(bytes: 1 << 20));

        _stage.Receiver.Release();
        await Waiting.WithinTheTest(() => _stage.Receiver.Sent.Count == 50);
        await Waiting.WithinTheTest(() => _stage.Store.Failure is not null);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _stage.AcceptAsync(bytes: 1 << 20));
        Assert.NotEqual(0, _stage.Store.Waiting(new("default")));

        StoreFile.Execute(_stage.Writer, "PRAGMA max_page_count = 1000000");
        await _stage.UntilDoneAsync();
        Assert.Null(_stage.Store.Failure);
        ids.Add(await _stage.AcceptAsync(bytes: 1 << 20));
        await _stage.UntilDoneAsync();

        Assert.Equal(ids.Order(), _stage.Receiver.Sent.Select(sent => sent.Event.Id).Order());
        Assert.Equal(51, _stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(51, _stage.Number("SELECT COUNT(*) FROM events"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_file_that_was_moved_away_refuses_and_goes_on_when_it_is_back_though_nobody_asks()
    {
        _stage.Receiver.Hold();
        var first = await _stage.AcceptAsync();
        var aside = Path.Combine(_stage.Folder, "aside.db");
        File.Move(_stage.Database, aside);

        Assert.NotNull(_stage.Store.Failure);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _stage.AcceptAsync());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _stage.AcceptAsync());

        File.Move(aside, _stage.Database);
        await Waiting.WithinTheTest(() => _stage.Store.Failure is null);
        var second = await _stage.AcceptAsync();
        _stage.Receiver.Release();
        await _stage.UntilDoneAsync();
        Assert.Equal([first, second], _stage.Receiver.Sent.Select(sent => sent.Event.Id));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_file_that_was_replaced_by_another_is_not_taken_for_the_store()
    {
        await _stage.AcceptAsync();
        await _stage.UntilDoneAsync();
        var copy = Path.Combine(_stage.Folder, "copy.db");
        File.Copy(_stage.Database, copy);
        File.Move(copy, _stage.Database, overwrite: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _stage.AcceptAsync());
        Assert.NotNull(_stage.Store.Failure);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_log_that_was_removed_is_noticed_too()
    {
        await _stage.AcceptAsync();
        File.Delete(_stage.Database + "-wal");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _stage.AcceptAsync());
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_commit_that_reports_a_failure_but_was_made_is_answered_as_made()
    {
        using var fault = new CommitFault(_stage.Writer.Handle!);
        _stage.Receiver.Hold();

        fault.Armed = true;
        var accepted = await _stage.AcceptAsync();
        Assert.False(fault.Armed);

        _stage.Receiver.Release();
        await _stage.UntilDoneAsync();
        Assert.Equal(accepted, Assert.Single(_stage.Receiver.Sent).Event.Id);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task An_outcome_whose_commit_reports_a_failure_but_was_made_is_recorded_once()
    {
        using var fault = new CommitFault(_stage.Writer.Handle!);
        _stage.Receiver.Hold();
        await _stage.AcceptAsync(5);

        fault.Armed = true;
        _stage.Receiver.Release();
        await _stage.UntilDoneAsync();

        Assert.False(fault.Armed);
        Assert.Equal(5, _stage.Number("SELECT COUNT(*) FROM attempts"));
        Assert.Equal(0, _stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.Equal(5, _stage.Receiver.Sent.Count);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_commit_of_which_nothing_can_be_learned_at_first_is_counted_once()
    {
        using var fault = new CommitFault(_stage.Writer.Handle!) { HidesResult = true };
        _stage.Receiver.Hold();

        fault.Armed = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _stage.AcceptAsync());
        await Waiting.WithinTheTest(() => _stage.Store.Failure is null);
        await _stage.AcceptAsync();

        Assert.Equal(2, _stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.Equal(2, _stage.Store.Waiting(new("default")));
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
