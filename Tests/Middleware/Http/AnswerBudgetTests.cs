using Middleware.Http;

namespace Tests.Middleware.Http;

public class AnswerBudgetTests
{
    [Theory]
    [InlineData(128L << 20, 32L << 20)]
    [InlineData(384L << 20, 48L << 20)]
    [InlineData(4L << 30, 512L << 20)]
    [InlineData(64L << 30, 1L << 30)]
    public void An_eighth_of_the_memory_is_for_answers(long available, long most) => Assert.Equal(most, AnswerBudget.MostOf(available));
}
