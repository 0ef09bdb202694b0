using System.Text.RegularExpressions;

namespace Tests.Deployment;

/// <summary>Finds out of which metrics an expression of PromQL speaks.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "offset", "bool", "inf", "nan", "start", "end"];

    /// <summary>All names in it that are neither functions, labels nor words of the language.</summary>
    public static IEnumerable<string> Metrics(string expression) =>
        Name().Matches(NoMetric().Replace(expression, " ")).Select(static match => match.Value).Where(static name => !Words.Contains(name));

    /// <summary>Strings, selectors, ranges, lists of labels, and numbers with their units.</summary>
    [GeneratedRegex("""("[^"]*")|('[^']*')|(\{("[^"]*"|[^}"])*\})|(\[[^\]]*\])|(\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\))|(\b\d[\w.]*)|(\$\w+)""")]
    private static partial Regex NoMetric();

    [GeneratedRegex(@"[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Name();
}
