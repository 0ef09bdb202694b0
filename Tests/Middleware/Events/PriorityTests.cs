using CsCheck;
using Middleware.Events;

namespace Tests.Middleware.Events;

public class PriorityTests
{
    private static readonly Dictionary<string, Priority> Known = new()
    {
        ["critical"] = Priority.Critical,
        ["fatal"] = Priority.Critical,
        ["emergency"] = Priority.Critical,
        ["high"] = Priority.High,
        ["error"] = Priority.High,
        ["medium"] = Priority.Medium,
        ["warning"] = Priority.Medium,
        ["warn"] = Priority.Medium,
    };

    [Theory]
    [InlineData("critical", "critical")]
    [InlineData("fatal", "critical")]
    [InlineData("emergency", "critical")]
    [InlineData("high", "high")]
    [InlineData("error", "high")]
    [InlineData("medium", "medium")]
    [InlineData("warning", "medium")]
    [InlineData("warn", "medium")]
    [InlineData("low", "low")]
    [InlineData("info", "low")]
    [InlineData("CRITICAL", "critical")]
    [InlineData("Fatal", "critical")]
    [InlineData(" critical", "low")]
    [InlineData("critically", "low")]
    [InlineData("cr\u0131tical", "low")]
    [InlineData("", "low")]
    public void A_severity_has_its_priority(string severity, string priority) => Assert.Equal(priority, Priorities.FromSeverity(severity).Name());

    [Fact]
    public void Whatever_its_case() =>
        Gen.Select(Gen.Int[0, Known.Count - 1].Select(Known.Keys.ElementAt), Gen.Bool.Array[9]).Sample((severity, upper) =>
        {
            var given = string.Concat(severity.Select((c, index) => upper[index] ? char.ToUpperInvariant(c) : c));

            Assert.Equal(Known[severity], Priorities.FromSeverity(given));
        });

    [Fact]
    public void Any_other_severity_is_low() => Gen.String.Where(text => !Known.ContainsKey(text.ToLowerInvariant())).Sample(text =>
        Assert.Equal(Priority.Low, Priorities.FromSeverity(text)));

    [Fact]
    public void The_numbers_are_stored_and_never_change()
    {
        Assert.Equal([4, 3, 2, 1, 0, -1], Priorities.HighestFirst.Select(priority => (int)priority));
        Assert.Equal(["ordered", "critical", "high", "medium", "low", "background"], Priorities.HighestFirst.Select(priority => priority.Name()));
        Assert.Equal(Priorities.HighestFirst.Order(), Enum.GetValues<Priority>().Order());
    }
}
