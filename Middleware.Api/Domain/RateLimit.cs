namespace Middleware.Domain;

/// <summary>So many deliveries a second on average.</summary>
/// <param name="PerSecond">0.1-100,000.</param>
/// <param name="Burst">So many at once after a pause, 1-100,000.</param>
/// <remarks>Waits last whole milliseconds: past some hundreds a second only a burst of some milliseconds' worth lets the lane keep up.</remarks>
internal sealed record RateLimit(double PerSecond, int Burst)
{
    public const double LeastPerSecond = 0.1;
    public const double MostPerSecond = 100_000;
    public const int LargestBurst = 100_000;
}
