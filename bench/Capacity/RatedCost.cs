namespace Bench.Capacity;

/// <summary>A use in a second at a rate of events.</summary>
internal sealed record RatePoint(double EventsPerSecond, double Use);

/// <summary>
/// A use in a second that depends on the rate: the more events come together, the more of them share a commit and the wake-ups of threads. So the simplest
/// load was measured at several rates, and another one costs more by its size and its endpoints.
/// </summary>
/// <param name="Points">The use of the simplest load by its rate, the lowest first.</param>
/// <param name="Cost">The cost of an event, measured at one of these rates.</param>
/// <param name="Kibibytes">The size of the simplest load's events; each matches one endpoint.</param>
internal sealed record RatedCost(IReadOnlyList<RatePoint> Points, EventCost Cost, double Kibibytes)
{
    /// <summary>The use in a second.</summary>
    public double Of(double eventsPerSecond, double kibibytes, double deliveries) => OfSimplest(eventsPerSecond) + (eventsPerSecond * More(kibibytes, deliveries));

    /// <summary>The use in a second of the simplest load: on the line between two points, and beyond the last in proportion to it.</summary>
    public double OfSimplest(double eventsPerSecond)
    {
        var next = Points.TakeWhile(point => point.EventsPerSecond < eventsPerSecond).Count();
        if (next == Points.Count)
        {
            return Points[^1].Use / Points[^1].EventsPerSecond * eventsPerSecond;
        }

        var (above, below) = (Points[next], next == 0 ? new RatePoint(0, 0) : Points[next - 1]);
        return below.Use + ((above.Use - below.Use) * (eventsPerSecond - below.EventsPerSecond) / (above.EventsPerSecond - below.EventsPerSecond));
    }

    /// <summary>The cost of an event beyond that of the simplest load's.</summary>
    public double More(double kibibytes, double deliveries) => Cost.Of(kibibytes, deliveries) - Cost.Of(Kibibytes, 1);
}
