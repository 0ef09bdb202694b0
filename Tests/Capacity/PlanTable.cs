using Bench.Capacity;

namespace Tests.Capacity;

/// <summary>The table of a plan, and its limits.</summary>
public class PlanTable
{
    private static readonly PlannedLoad Load = new() { EventsPerSecond = 1000, Endpoints = 20, Matching = 2, EventBytes = 4096, Store = PlannedStore.Postgres };

    private static readonly PlannedLoad OnSqlite = Load with { Store = PlannedStore.Sqlite };

    [Fact]
    public void Each_line_has_a_need_and_its_parts()
    {
        var lines = Of(Load).All().ToDictionary(static line => line.Name, static line => (line.Need, line.Parts));

        Assert.Equal(
            ("0.52 cores", "0.010 idle × 2 + (165000 µs at this rate + 1000 events/s × (1 endpoints more × 50.0 + 3.00 KiB more × 10.0 + 7.00 KiB delivered more × 5.0)) × 1.80 for 2 replicas"),
            lines["CPU of the service"]);
        Assert.Equal(("2", "as many as need at most 4 cores each, and one that may be away"), lines["replicas"]);
        Assert.Equal(("2", "0.52 / 0.5 busy / 1 replicas, rounded up"), lines["cores of a replica"]);
        Assert.Equal(("284 MB", "(108 service + 20 endpoints × 0.050 + 80 waiting) × 1.5"), lines["memory of a replica"]);
        Assert.Equal(("4820", "300.0 + 2 endpoints × 60.0 + 4.00 KiB × 1100.0"), lines["bytes kept for an event"]);
        Assert.Equal(("62", "2 replicas × 26 + 10 for people and backups"), lines["max_connections"]);
        Assert.Equal(("400000", "100 events/s of an endpoint × 3600 s / 0.9; 1000 by default"), lines["QUEUE_SIZE"]);
    }

    [Fact]
    public void SQLite_has_no_line_of_servers_and_replicas()
    {
        var names = Of(OnSqlite).All().Select(static line => line.Name).ToList();

        Assert.Contains("cores", names);
        Assert.Contains("memory", names);
        Assert.DoesNotContain(names, static name => name.Contains("replica", StringComparison.Ordinal) || name.Contains("server", StringComparison.Ordinal) || name == "max_connections");
    }

    [Fact]
    public void Settings_are_not_below_their_defaults()
    {
        var lines = Of(OnSqlite with { EventsPerSecond = 1, Outage = TimeSpan.FromSeconds(1) }).All().ToDictionary(static line => line.Name, static line => line.Need);

        Assert.Equal(("1000", "10", "1000", "10000"), (lines["QUEUE_SIZE"], lines["WORKER_COUNT"], lines["MAX_WORKERS"], lines["MAX_ENDPOINTS"]));
    }

    [Fact]
    public void A_load_within_the_limits_has_none() => Assert.Empty(Of(OnSqlite).Warnings());

    [Fact]
    public void A_load_beyond_one_machine_on_SQLite_is_named() =>
        AssertWarned("the load needs 4 cores and a machine has 2", OnSqlite with { EventsPerSecond = 6000, CoresOfMachine = 2 }, points: 6000);

    [Fact]
    public void A_load_beyond_all_replicas_is_named() => AssertWarned("more than 64 replicas of 4 cores", Load with { EventsPerSecond = 1_000_000 }, points: 1_000_000);

    [Theory]
    [InlineData(3640, false)]
    [InlineData(3641, true)]
    public void Endpoints_beyond_the_streams_of_metrics_are_named(int endpoints, bool isNamed) =>
        Assert.Equal(isNamed, Of(OnSqlite with { Endpoints = endpoints }).Warnings().Any(static warning => warning.Contains("streams of metrics, and 32768 are measured", StringComparison.Ordinal)));

    [Fact]
    public void A_queue_that_is_full_before_the_end_of_the_outage_is_named() =>
        AssertWarned("a queue of 10000 is full 90 s after", OnSqlite with { QueueSize = 10_000 });

    [Fact]
    public void A_slow_disk_is_named() => Assert.Contains("a flush of 10.1 ms is slow", Assert.Single(Of(OnSqlite, flush: 10_100).Warnings()));

    [Fact]
    public void A_rate_beyond_those_that_were_measured_is_named() => AssertWarned("measured up to 1000 events/s", OnSqlite with { EventsPerSecond = 1001 });

    private static void AssertWarned(string text, PlannedLoad load, double points = 1000)
    {
        var figures = Figures.Of(load.Store);
        figures = figures with { ServiceCpu = figures.ServiceCpu with { Points = [new(points, 165 * points)] } };
        Assert.Contains(text, Assert.Single(new PlanLines(load, figures, 250).Warnings()));
    }

    private static PlanLines Of(PlannedLoad load, double flush = 250) => new(load, Figures.Of(load.Store), flush);
}
