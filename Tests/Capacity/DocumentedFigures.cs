using Bench.Capacity;
using Tests.Words;
using static System.FormattableString;

namespace Tests.Capacity;

/// <summary>The figures and examples of docs/capacity.md, which are those of the tree.</summary>
public class DocumentedFigures
{
    private const double Flush = 250;

    private static readonly Calibration Sqlite = MeasuredFigures.Of(PlannedStore.Sqlite);
    private static readonly Calibration Postgres = MeasuredFigures.Of(PlannedStore.Postgres);

    private static readonly PlannedLoad[] Sizes =
    [
        new() { EventsPerSecond = 50, Endpoints = 5 },
        new() { EventsPerSecond = 1000, Endpoints = 20, Matching = 2 },
        new() { EventsPerSecond = 5000, Endpoints = 200, Matching = 2, Retention = TimeSpan.FromDays(3), Store = PlannedStore.Postgres },
    ];

    [Fact]
    public void Each_figure_stands_in_the_document() => AssertRows(
    [
        Row("idle, cores", static figures => Invariant($"{figures.IdleCores:0.000}")),
        .. Enumerable.Range(0, Sqlite.ServiceCpu.Points.Count - 1).Select(static n => Row(
            Invariant($"CPU of the service at {Sqlite.ServiceCpu.Points[n].EventsPerSecond:#,0} events/s, µs/event"), figures => PerEvent(figures.ServiceCpu, n))),
        Row("CPU of the service without a limit, µs/event", static figures => Invariant($"{PerEvent(figures.ServiceCpu, ^1)} at {figures.ServiceCpu.Points[^1].EventsPerSecond:#,0} events/s")),
        Row("for each endpoint more, µs", static figures => Invariant($"{figures.ServiceCpu.Cost.PerDelivery:0.0}")),
        Row("for each KiB, and again with each endpoint, µs", static figures => Invariant($"{figures.ServiceCpu.Cost.PerKibibyte:0.0}")),
        .. Enumerable.Range(0, Postgres.ServerCpu.Points.Count - 1).Select(static n => Row(
            Invariant($"CPU of the server at {Postgres.ServerCpu.Points[n].EventsPerSecond:#,0} events/s, µs/event"), figures => PerEvent(figures.ServerCpu, n))),
        Row("CPU of the server without a limit, µs/event", static figures => PerEvent(figures.ServerCpu, ^1)),
        Row("bytes kept of an event", static figures => Of(figures.Kept)),
        Row("bytes written of an event at 1,000 events/s", static figures => Of(figures.Written.Cost)),
        Row("peak MB of a service", static figures => Of(figures.Megabytes, "0.0")),
        Row("MB for each endpoint", static figures => Invariant($"{figures.MegabytesPerEndpoint:0.000}")),
        Row("MB more while all windows are full", static figures => Invariant($"{figures.MegabytesOfBacklog:0}")),
    ]);

    [Fact]
    public void Each_need_of_the_three_sizes_stands_in_the_document()
    {
        var plans = Sizes.Select(static size => new PlanLines(size, MeasuredFigures.Of(size.Store), Flush).All().ToDictionary(static line => line.Name, static line => line.Need)).ToList();
        AssertRows(plans.SelectMany(static plan => plan.Keys).Distinct().Select(name => $"| {name} | {string.Join(" | ", plans.Select(plan => plan.GetValueOrDefault(name, "–")))} |"));
    }

    [Fact]
    public void No_size_is_beyond_a_limit() => Assert.All(Sizes, static size => Assert.Empty(new PlanLines(size, MeasuredFigures.Of(size.Store), Flush).Warnings()));

    private static string Row(string name, Func<Calibration, string> figure) => $"| {name} | {figure(Sqlite)} | {figure(Postgres)} |";

    private static string PerEvent(RatedCost cost, Index at) => cost.Points[at] is { Use: > 0 } point ? Invariant($"{point.Use / point.EventsPerSecond:0}") : "–";

    private static string Of(EventCost cost, string format = "0") => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{cost.Fixed.ToString(format, null)} + {cost.PerDelivery.ToString(format, null)} an endpoint + {cost.PerKibibyte.ToString(format, null)} a KiB");

    private static void AssertRows(IEnumerable<string> rows)
    {
        var lines = File.ReadAllLines(Path.Combine(Prose.Root, "docs", "capacity.md")).ToHashSet();
        Prose.AssertNone(rows.Where(row => !lines.Contains(row)));
    }
}
