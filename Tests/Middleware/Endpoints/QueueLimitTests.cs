using CsCheck;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Endpoints;

public class QueueLimitTests
{
    /// <summary>The number of deliveries below <c>critical</c> that a queue of a size takes.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(9, 9)]
    [InlineData(10, 9)]
    [InlineData(11, 9)]
    [InlineData(19, 17)]
    [InlineData(20, 18)]
    [InlineData(21, 18)]
    [InlineData(1_000, 900)]
    [InlineData(1_001, 900)]
    [InlineData(100_000_000, 90_000_000)]
    public void The_last_tenth_rounded_up_is_kept_for_critical(int size, int places)
    {
        var limit = new QueueLimit(size, WhenFull.Reject);

        foreach (var priority in new[] { Priority.Low, Priority.Medium, Priority.High })
        {
            Assert.True(limit.Admits(priority, places - 1));
            Assert.False(limit.Admits(priority, places));
        }

        Assert.True(limit.Admits(Priority.Critical, size - 1));
        Assert.False(limit.Admits(Priority.Critical, size));
    }

    [Fact]
    public void The_largest_size_there_is_does_not_overflow()
    {
        var limit = new QueueLimit(int.MaxValue, WhenFull.Reject);

        Assert.True(limit.Admits(Priority.Low, 1_932_735_281));
        Assert.False(limit.Admits(Priority.Low, 1_932_735_282));
    }

    [Fact]
    public void A_queue_that_parks_takes_everything() =>
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Int[0, int.MaxValue], Gen.Enum<Priority>()).Sample((size, waiting, priority) =>
            Assert.True(new QueueLimit(size, WhenFull.Park).Admits(priority, waiting)));

    [Fact]
    public void What_is_taken_with_more_waiting_is_taken_with_less_and_when_it_is_critical() =>
        Gen.Select(Gen.Int[1, 2_000], Gen.Int[0, 2_500], Gen.Enum<Priority>()).Sample((size, waiting, priority) =>
        {
            var limit = new QueueLimit(size, WhenFull.Reject);

            Assert.True(!limit.Admits(priority, waiting + 1) || limit.Admits(priority, waiting));
            Assert.True(!limit.Admits(priority, waiting) || limit.Admits(Priority.Critical, waiting));
            Assert.True(waiting < size || !limit.Admits(priority, waiting));
        });
}
