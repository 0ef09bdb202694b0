using ServiceDefaults.Bodies;

namespace Tests.ServiceDefaults;

public class BodyBudgetTests
{
    [Theory]
    [InlineData(384L << 20, 64 << 20)]
    [InlineData(1L << 30, 64 << 20)]
    [InlineData(4L << 30, 256 << 20)]
    [InlineData(64L << 30, 1 << 30)]
    public void A_sixteenth_of_the_memory_is_for_bodies(long available, int most) => Assert.Equal(most, BodyBudget.DefaultOf(available));

    [Fact]
    public void Room_that_is_given_back_is_taken_again()
    {
        var budget = new BodyBudget(10);

        Assert.True(budget.TryTake(6));
        Assert.False(budget.TryTake(5));
        Assert.True(budget.TryTake(4));
        budget.GiveBack(6);
        Assert.True(budget.TryTake(6));
        Assert.False(budget.TryTake(1));
    }
}
