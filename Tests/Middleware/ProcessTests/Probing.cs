namespace Tests.Middleware.ProcessTests;

/// <summary>
/// The probes of an orchestrator while a service is under attack, each on a new connection. Every one is answered, and nine of ten within a second: the
/// attack runs on the same machine.
/// </summary>
internal sealed class Probing(Uri service)
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Attack = TimeSpan.FromMinutes(1);

    private readonly List<TimeSpan> _took = [];
    private readonly long _start = TimeProvider.System.GetTimestamp();

    /// <summary>True for as long as an attack has to go on.</summary>
    public bool GoesOn => TimeProvider.System.GetElapsedTime(_start) < Attack;

    public async Task ProbeAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        await RawConnection.IsAliveAsync(service);
        _took.Add(TimeProvider.System.GetElapsedTime(start));
    }

    public void WereInTime() => Assert.True(_took.Count(static took => took >= Promised) * 10 <= _took.Count, string.Join(", ", _took));
}
