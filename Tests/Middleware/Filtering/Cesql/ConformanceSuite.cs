using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

/// <summary>The conformance suite of CloudEvents SQL 1.0.0, all of it.</summary>
public class ConformanceSuite
{
    public static IEnumerable<TheoryDataRow<int>> Cases => ConformanceCase.All.Select((test, index) =>
        new TheoryDataRow<int>(index) { TestDisplayName = $"{Path.GetFileNameWithoutExtension(test.File)}: {test.Name}" });

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_met(int index)
    {
        var test = ConformanceCase.All[index];

        var parsed = CesqlExpression.Parse(test.Expression);

        // An expression that cannot be evaluated is false.
        var result = parsed.IsValid ? test.Event.Evaluate(test.Expression) : new CesqlResult(default, parsed.Fault);
        Assert.Equal(test.Error, result.Fault?.Kind);
        if (test.Result is { } expected)
        {
            Assert.Equal(expected, result.Value);
        }
    }

    [Fact]
    public void Every_file_and_every_case_is_found()
    {
        Assert.Equal(18, ConformanceCase.Files.Count);
        Assert.All(ConformanceCase.Files, file => Assert.Contains(ConformanceCase.All, test => test.File == file));
        Assert.Equal(275, ConformanceCase.All.Count);
    }

    [Fact]
    public void Only_what_cannot_be_parsed_says_no_result() =>
        Assert.All(ConformanceCase.All.Where(test => test.Result is null), test => Assert.NotNull(test.Error));
}
