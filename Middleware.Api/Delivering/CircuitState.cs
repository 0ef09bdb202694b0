namespace Middleware.Delivering;

/// <summary>What opened a circuit.</summary>
/// <param name="Failures">How many tries failed, by reason.</param>
/// <param name="Tries">Of so many.</param>
/// <param name="OpenFor">How long nothing is sent.</param>
internal sealed record CircuitOpening(IReadOnlyDictionary<string, int> Failures, int Tries, TimeSpan OpenFor)
{
    /// <summary>False when it was a probe that failed: then it had been open before.</summary>
    public bool WasClosed => OpenFor == Circuit.ShortestOpening;
}
