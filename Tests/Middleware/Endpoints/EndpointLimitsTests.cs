using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

public class EndpointLimitsTests
{
    [Theory]
    [InlineData(null, 1_000)]
    [InlineData(1_048_576L, 1_000)]
    [InlineData(2_400L, 1_000)]
    [InlineData(1_024L, 312)]
    [InlineData(512L, 56)]
    [InlineData(256L, 50)]
    public void The_default_of_workers_leaves_callers_half_of_the_files(long? fileLimit, int workers) => Assert.Equal(workers, EndpointLimits.WorkersOf(fileLimit));
}
