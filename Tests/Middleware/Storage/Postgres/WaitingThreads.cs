using Middleware.Accepting;
using Middleware.Storage;
using Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Threads of the pool that wait for the database, as many as there are connections. The few that are left are not for other tests.</summary>
[Collection(nameof(WaitingThreads))]
[CollectionDefinition(nameof(WaitingThreads), DisableParallelization = true)]
public sealed class WaitingThreads
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_commit_does_not_stand_in_its_transaction_until_the_pool_has_another()
    {
        await using var database = await PostgresDatabase.CreateAsync();

        // The server ends a transaction that stands for half of it.
        var settings = new StoreSettings(IsMemory: false, "") { Postgres = Made.Postgres(database) with { AdoptAfter = TimeSpan.FromSeconds(2) } };
        using var store = Made.Store(settings, TimeProvider.System, Made.Metrics());
        await store.OpenAsync(new RecordingSink(), Waiting.Cancellation);
        using var answered = new ManualResetEventSlim();
        var waiting = Enumerable.Range(0, PostgresSettings.MostConnections).Select(_ => Task.Factory.StartNew(
            () => answered.WaitHandle.WaitOne(Waiting.TestLimit), Waiting.Cancellation, TaskCreationOptions.PreferFairness, TaskScheduler.Default)).ToList();

        try
        {
            var accepted = await store.AcceptAsync([new RoutedEvent(Made.Event(), [Made.Endpoint()])], claim: null, Waiting.Cancellation).AsTask().InTime();
            Assert.Equal(AcceptKind.Judged, accepted.Kind);
        }
        finally
        {
            answered.Set();
        }

        Assert.DoesNotContain(false, await Task.WhenAll(waiting));
    }
}
