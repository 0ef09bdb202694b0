using System.Globalization;

namespace Tests.Middleware.Telemetry;

/// <summary>The answer of <c>GET /metrics</c>: every series as it is written there, without empty braces, and its value.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<string, double> _series;

    private Scrape(string text)
    {
        Text = text;
        _series = text.Split('\n').Where(static line => line is not ("" or ['#', ..])).ToDictionary(
            static line => line[..line.LastIndexOf(' ')].Replace("{}", "", StringComparison.Ordinal),
            static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public string Text { get; }

    /// <summary>The names of all series, those of a histogram with their endings.</summary>
    public IReadOnlySet<string> Names => _series.Keys.Select(static series => series.Split('{')[0]).ToHashSet();

    /// <summary>Null for a series that there is not.</summary>
    public double? this[string series] => _series.TryGetValue(series, out var value) ? value : null;

    /// <summary>The series that have something in their name or labels.</summary>
    public IEnumerable<string> Having(string part) => _series.Keys.Where(series => series.Contains(part, StringComparison.Ordinal));

    /// <summary>The upper bounds of a histogram's buckets.</summary>
    public IEnumerable<string> Bounds(string histogram) =>
        from series in Having($"{histogram}_bucket{{")
        select series[(series.IndexOf("le=\"", StringComparison.Ordinal) + 4)..^2];

    public static async Task<Scrape> Of(HttpClient http) => new(await http.GetStringAsync("/metrics", Waiting.Cancellation).InTime());

    /// <summary>The first scrape of which it is so: what is counted is seen when the worker has gone on, and scrapes in a row may be one.</summary>
    public static Task<Scrape> Until(HttpClient http, Func<Scrape, bool> isSo) => Waiting.SeeAsync(() => Of(http), isSo, "the metrics are so");

    /// <summary>The first scrape in which a series has a value.</summary>
    public static Task<Scrape> Until(HttpClient http, string series, double value) => Until(http, scrape => scrape[series] == value);

    public override string ToString() => Text;
}
