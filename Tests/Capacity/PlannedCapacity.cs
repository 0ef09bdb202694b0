using Bench.Capacity;

namespace Tests.Capacity;

/// <summary>The numbers of a plan, each by its formula, from round figures.</summary>
public class PlannedCapacity
{
    private static readonly PlannedLoad Load = new()
    {
        EventsPerSecond = 1000,
        Endpoints = 20,
        Matching = 2,
        EventBytes = 4096,
        Retention = TimeSpan.FromDays(2),
        Outage = TimeSpan.FromMinutes(15),
        ReceiverTime = TimeSpan.FromMilliseconds(100),
        Store = PlannedStore.Postgres,
        CoresOfMachine = 2,
    };

    private static readonly PlannedLoad OnSqlite = Load with { Store = PlannedStore.Sqlite };

    [Fact]
    public void Cores_of_one_service_are_the_idle_ones_and_those_of_its_events() =>
        Assert.Equal(0.01 + (1000 * (100 + (2 * 50) + (4 * (10 + (2 * 5)))) / 1e6), Of(OnSqlite).ServiceCores, 9);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1.8)]
    [InlineData(4, 2.2)]
    public void More_replicas_cost_more_by_what_each_reads_of_the_others(int replicas, double factor) => Assert.Equal(factor, Of(Load).CostOfReplicas(replicas), 9);

    [Fact]
    public void Replicas_are_those_that_the_load_needs_and_one_that_may_be_away()
    {
        // 280 µs for an event of one, 504 of two: 0.5 cores, so 1 of 2 at half of their use.
        Assert.Equal(2, Of(Load).Replicas);

        // Of three: 280 µs x 2.067 x 3,500 + 0.03 = 2.06 cores, more than half of 2 x 2. Of four: 280 µs x 2.2 x 3,500 + 0.04 = 2.20, less than half of 3 x 2.
        var larger = Of(Load with { EventsPerSecond = 3500 });
        Assert.Equal(4, larger.Replicas);
        Assert.Equal((4 * 0.01) + (3500 * 280 * 2.2 / 1e6), larger.ServiceCores, 9);
        Assert.Equal(2, larger.Cores);
        Assert.Equal(1, Of(OnSqlite).Replicas);
    }

    [Fact]
    public void A_load_beyond_all_replicas_is_seen() => Assert.True(Of(Load with { EventsPerSecond = 1_000_000 }).Replicas > CapacityPlan.MostReplicas);

    [Fact]
    public void Cores_are_twice_those_in_use_and_at_least_one()
    {
        Assert.Equal(1, Of(OnSqlite).Cores);
        Assert.Equal(3, Of(OnSqlite with { EventsPerSecond = 4000 }).Cores);
    }

    [Fact]
    public void Cores_of_the_server_are_those_of_the_events_by_all_replicas()
    {
        var plan = Of(Load with { EventsPerSecond = 3000 });

        Assert.Equal(3, plan.Replicas);
        Assert.Equal(3000 * (40 + (2 * 20) + (4 * (4 + (2 * 2)))) * (1 + (0.8 * 4 / 3)) / 1e6, plan.ServerCores, 9);
        Assert.Equal(2, plan.CoresOfServer);
    }

    [Fact]
    public void Memory_is_that_of_the_service_of_its_endpoints_and_of_what_waits()
    {
        var plan = Of(Load);

        Assert.Equal(100 + (2 * 2) + (4 * 1), plan.MegabytesOfService, 9);
        Assert.Equal(20 * 0.05, plan.MegabytesOfEndpoints, 9);
        Assert.Equal(80, plan.MegabytesOfWaiting, 9);
        Assert.Equal(108 + 1 + 80, plan.Megabytes, 9);
    }

    [Fact]
    public void What_waits_takes_less_memory_while_the_windows_are_not_full() =>
        Assert.Equal(80 * (2000 * 4096.0) / (64 << 20), Of(Load with { Outage = TimeSpan.FromSeconds(1) }).MegabytesOfWaiting, 9);

    [Fact]
    public void A_queue_holds_the_deliveries_of_an_outage_in_nine_tenths_of_it()
    {
        Assert.Equal(1000 * 2 * 900, Of(Load).Waiting);
        Assert.Equal(100_000, Of(Load).QueueSize);
    }

    [Fact]
    public void A_smaller_queue_is_full_before() => Assert.Equal(TimeSpan.FromSeconds(90), Of(Load with { QueueSize = 10_000 }).UntilFull);

    [Fact]
    public void A_disk_has_the_events_of_the_retention_what_waits_and_the_log_and_is_not_full()
    {
        var plan = Of(OnSqlite);
        var bytes = 300 + (2 * 60) + (SqlitePages.BytesOf(4096) / 1024 * 1100);

        Assert.Equal(bytes, plan.BytesOfEvent, 6);
        Assert.Equal(1000 * 172_800 * bytes, plan.BytesKept, 3);
        Assert.Equal(((1000 * 172_800 * bytes) + (1_800_000 * 100) + (128 << 20)) / 0.8, plan.BytesOfDisk, 3);
    }

    [Fact]
    public void A_disk_of_PostgreSQL_has_a_day_more_and_a_larger_log()
    {
        var plan = Of(Load);
        var bytes = 300 + (2 * 60) + (4 * 1100);

        Assert.Equal(bytes, plan.BytesOfEvent, 6);
        Assert.Equal(1000 * 259_200.0 * bytes, plan.BytesKept, 3);
        Assert.Equal(((1000 * 259_200.0 * bytes) + (1_800_000 * 100) + (2L << 30)) / 0.8, plan.BytesOfDisk, 3);
    }

    [Fact]
    public void Bytes_written_are_those_of_each_event() => Assert.Equal(1000 * (20_000 + (2 * 1000) + (4 * 3000.0)), Of(Load).BytesWritten, 6);

    [Theory]
    [InlineData(100, 1200)]
    [InlineData(2000, 500)]
    public void Flushes_are_one_for_each_event_and_group_of_outcomes_as_far_as_the_disk_makes_them(double flush, double flushes) =>
        Assert.Equal(flushes, new CapacityPlan(Load, Figures.Of(Load.Store), flush).Flushes, 9);

    [Fact]
    public void Few_outcomes_come_alone() => Assert.Equal(150, Of(Load with { EventsPerSecond = 50 }).Flushes, 9);

    [Fact]
    public void Events_share_a_flush_that_takes_longer_than_the_time_between_them() => Assert.Equal(1000 * 250e-6, Of(Load).EventsOfFlush, 9);

    [Fact]
    public void Workers_are_twice_those_under_way_and_at_least_the_default()
    {
        Assert.Equal(20, Of(Load).Workers);
        Assert.Equal(400, Of(Load).AllWorkers);
        Assert.Equal(10, Of(Load with { EventsPerSecond = 1 }).Workers);
    }

    [Fact]
    public void After_an_outage_the_workers_are_the_limit_or_the_cores()
    {
        // 90,000 of an endpoint, 200/s by its workers, of which 100/s are new.
        Assert.Equal(TimeSpan.FromSeconds(900), Of(Load).CatchUp);

        // 1,800,000 of all by the rest of one core, at 50 + 4 x 5 µs.
        var plan = Of(OnSqlite with { ReceiverTime = TimeSpan.FromMilliseconds(1), EventsPerSecond = 1200, Outage = TimeSpan.FromSeconds(750) });
        Assert.Equal(1_800_000 * 70e-6 / (1 - 0.01 - (1200 * 280e-6)), plan.CatchUp.TotalSeconds, 3);
    }

    [Fact]
    public void Connections_are_26_of_each_replica_and_10() => Assert.Equal((26 * 2) + 10, Of(Load).Connections);

    private static CapacityPlan Of(PlannedLoad load) => new(load, Figures.Of(load.Store), flushMicroseconds: 250);
}
