namespace Tests.Middleware.Storage;

/// <summary>The date of a test's clock, with waits and lengths of real time: a session with a real server lives in that, however the test's time jumps.</summary>
internal sealed class TickingClock(TimeProvider date) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => date.GetUtcNow();
}
