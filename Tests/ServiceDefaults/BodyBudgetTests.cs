using ServiceDefaults.Bodies;

namespace Tests.ServiceDefaults;

public class BodyBudgetTests
{
    [Theory]
    [InlineData(64L << 20, 32 << 20)]
    [InlineData(384L << 20, 48 << 20)]
    [InlineData(4L << 30, 512 << 20)]
    [InlineData(64L << 30, 1 << 30)]
    public void An_eighth_of_the_memory_is_for_bodies(long available, int most) => Assert.Equal(most, BodyBudget.DefaultOf(available));

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
