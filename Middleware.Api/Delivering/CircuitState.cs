namespace Middleware.Delivering;

/// <summary>The opening of a circuit.</summary>
/// <param name="Failures">The failed attempts, by reason.</param>
/// <param name="Tries">All attempts of the window.</param>
/// <param name="OpenFor">The time for which nothing is sent.</param>
internal sealed record CircuitOpening(IReadOnlyDictionary<string, int> Failures, int Tries, TimeSpan OpenFor)
{
    /// <summary>False after a failed probe: then it had been open before.</summary>
    public bool WasClosed => OpenFor == Circuit.ShortestOpening;
}
