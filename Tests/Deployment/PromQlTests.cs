namespace Tests.Deployment;

public class PromQlTests
{
    [Theory]
    [InlineData("up", "up")]
    [InlineData("sum by (le) (rate(a_bucket{endpoint=~\"$endpoint\",x=\"b}c\"}[5m])) > 0", "a_bucket")]
    [InlineData("a offset 15m unless on (instance) b or 2 * c_total", "a b c_total")]
    [InlineData("histogram_quantile(0.99, sum(x:y) without (job)) == bool 1 or vector(0)", "x:y")]
    [InlineData("sum(a) / sum (b)", "a b")]
    public void The_metrics_of_an_expression_are_found(string expression, string metrics) => Assert.Equal(metrics, string.Join(' ', PromQl.Metrics(expression)));
}
