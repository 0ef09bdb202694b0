namespace Middleware.Domain;

/// <summary>How fast an endpoint is sent deliveries: so many a second on average, and so many at once after a pause.</summary>
/// <param name="PerSecond">0.1-100,000, to a thousandth. Waits last whole milliseconds: past some hundreds a second only a burst of some milliseconds' worth lets the lane keep up.</param>
/// <param name="Burst">1-100,000.</param>
internal sealed record RateLimit(double PerSecond, int Burst)
{
    public const double LeastPerSecond = 0.1;
    public const double MostPerSecond = 100_000;
    public const int LargestBurst = 100_000;
}
