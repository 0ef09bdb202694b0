using Microsoft.Extensions.Logging.Abstractions;
using Middleware;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>The rounds of ownership go on after one that met a defect: else the only replica would deliver nothing until its restart.</summary>
public sealed class OwningAfterADefect
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Lanes_that_failed_to_begin_are_gained_anew()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var (settings, shutdown) = (new StoreSettings(IsMemory: false, "") { Postgres = Made.Postgres(database) }, new ShutdownSettings(TimeSpan.FromSeconds(30)));
        var (defects, clock, lanes) = (Made.Defects(TimeProvider.System), TimeProvider.System, new FailingLanes());
        var engine = new PostgresEngine(settings, clock, NullLogger<PostgresEngine>.Instance);
        using var store = new SqlEventStore(engine, settings, shutdown, Made.Metrics(), defects, clock, NullLogger<SqlEventStore>.Instance);
        await store.OpenAsync(new RecordingSink(), Waiting.Cancellation);
        await using var ownership = new PostgresOwnership(engine, Made.Registry(Made.Endpoint()), shutdown, defects, clock, NullLogger<PostgresOwnership>.Instance);
        await ownership.StartAsync(lanes, Waiting.Cancellation);
        Assert.Equal(1, lanes.Gains);

        lanes.Failures = 1;
        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        await Waiting.Until(() => lanes.Gains == 2);
        Assert.Equal((-1, "replicas"), (lanes.Failures, defects.Recent));
        Assert.True(ownership.Owns(EndpointId.Default));
    }

    private sealed class FailingLanes : IOwnedLanes
    {
        private int _failures;
        private int _gains;

        /// <summary>The next gains that fail.</summary>
        public int Failures { get => Volatile.Read(ref _failures); set => _failures = value; }

        public int Gains => Volatile.Read(ref _gains);

        public void Gained(Func<LaneId, bool> which)
        {
            if (Interlocked.Decrement(ref _failures) >= 0)
            {
                throw new InvalidOperationException("the lanes are gone");
            }

            Interlocked.Increment(ref _gains);
        }

        public Task LeaveAsync(Func<LaneId, bool> which, CancellationToken cancellationToken) => Task.CompletedTask;

        public void Lost(Func<LaneId, bool> which)
        {
            // Nothing is under way.
        }

        public void BreakOff()
        {
            // Nor here.
        }

        public bool Serves(LaneId lane) => false;

        public bool IsEnding(EndpointId endpoint, int shard, LaneLayout layout) => false;
    }
}
