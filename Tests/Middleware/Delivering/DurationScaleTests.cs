using Middleware.Delivering;

namespace Tests.Middleware.Delivering;

public class DurationScaleTests
{
    [Theory]
    [InlineData(0, 0.0625)]
    [InlineData(0.0625, 0.0625)]
    [InlineData(0.0626, 0.125)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.51, 0.5625)]
    [InlineData(1, 1)]
    [InlineData(12, 12)]
    [InlineData(12.0001, 13)]
    [InlineData(16, 16)]
    [InlineData(16.5, 18)]
    [InlineData(3_000, 3_072)]
    [InlineData(300_000, 327_680)]
    [InlineData(524_288, 524_288)]
    [InlineData(600_000, 524_288)]
    public void A_duration_is_told_by_the_end_of_its_step(double milliseconds, double end) =>
        Assert.Equal(TimeSpan.FromMilliseconds(end), DurationScale.EndOf(DurationScale.StepOf(TimeSpan.FromMilliseconds(milliseconds))));

    [Fact]
    public void Each_step_begins_where_the_one_before_ends_and_is_at_most_an_eighth_long()
    {
        for (var step = 0; step < DurationScale.Steps; step++)
        {
            var end = DurationScale.EndOf(step);
            Assert.Equal(step, DurationScale.StepOf(end));
            Assert.Equal(Math.Min(step + 1, DurationScale.Steps - 1), DurationScale.StepOf(end + TimeSpan.FromTicks(1)));
            if (step >= 8)
            {
                Assert.True(end <= DurationScale.EndOf(step - 1) * 1.125, $"step {step}");
            }
        }
    }
}
