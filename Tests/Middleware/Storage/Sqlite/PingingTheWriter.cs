using Middleware.Storage.Sql;
using static SQLitePCL.raw;

namespace Tests.Middleware.Storage.Sqlite;

/// <summary>The sign of life of the store's writer: it needs the writer's thread, and no disk.</summary>
public sealed class PingingTheWriter : OnAStage
{
    private readonly ManualResetEventSlim _goOn = new(initialState: true);
    private readonly TaskCompletionSource _isHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async ValueTask DisposeAsync()
    {
        _goOn.Set();
        await base.DisposeAsync();
        _goOn.Dispose();
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_writer_without_work_answers()
    {
        for (var number = 0; number < 100; number++)
        {
            await Stage.Store.PingAsync().InTime();
        }
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_writer_that_waits_for_the_disk_is_alive()
    {
        sqlite3_commit_hook(Stage.Writer.Handle, _ => Hold(), null);
        _goOn.Reset();
        var accepted = Stage.AcceptAsync();
        await _isHeld.Task.InTime();

        await Stage.Store.PingAsync().InTime();
        Assert.False(accepted.IsCompleted);

        _goOn.Set();
        await accepted.InTime();
        await Stage.Store.PingAsync().InTime();
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_writer_that_hangs_outside_of_the_database_does_not_answer()
    {
        var queue = new WriteQueue(TimeProvider.System);
        var ping = queue.PingAsync();
        Assert.False(ping.IsCompleted);

        // It is answered by the thread that takes the items, on which nothing of the caller runs.
        queue.Add(new ChangeItem<bool>(static _ => true));
        Assert.True(queue.Take(new WriteGroup()));
        await ping.InTime();
        queue.Dispose();
    }

    private int Hold()
    {
        _isHeld.TrySetResult();
        _goOn.Wait();
        return 0;
    }
}
