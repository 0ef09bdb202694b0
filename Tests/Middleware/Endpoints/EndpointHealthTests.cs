using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Endpoints;

public class EndpointHealthTests
{
    [Theory]
    [InlineData(0, 0, 0, "healthy")]
    [InlineData(5, 2, 2, "healthy")]
    [InlineData(9, 5, 2, "healthy")]
    [InlineData(10, 1, 0, "degraded")]
    [InlineData(20, 1, 1, "healthy")]
    [InlineData(20, 2, 1, "degraded")]
    [InlineData(1_000, 51, 0, "degraded")]
    [InlineData(1_000, 50, 2, "healthy")]
    [InlineData(1_000, 3, 3, "degraded")]
    [InlineData(0, 0, 3, "degraded")]
    public void It_is_degraded_when_its_last_3_tries_failed_or_fewer_than_95_of_100(int tries, int failures, int inARow, string expected)
    {
        var health = new EndpointHealth
        {
            IsEnabled = true,
            Circuit = CircuitState.Closed,
            Tries = new TrySummary(tries, failures, inARow, null),
            Waiting = 0,
            OldestWaiting = TimeSpan.Zero,
        };

        Assert.Equal(expected, health.State.Name());
        Assert.Equal("failing", (health with { Circuit = CircuitState.Open }).State.Name());
        Assert.Equal("failing", (health with { Circuit = CircuitState.HalfOpen }).State.Name());
        Assert.Equal("disabled", (health with { Circuit = CircuitState.Open, IsEnabled = false }).State.Name());
    }
}
