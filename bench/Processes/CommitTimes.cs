using System.Globalization;

namespace Bench.Processes;

/// <summary>The transactions that a service has committed and their seconds in all, by its metrics.</summary>
internal readonly record struct CommitTimes(double Commits, double Seconds)
{
    private const string Metric = "integration_store_commit_duration_seconds";

    public static CommitTimes operator -(CommitTimes now, CommitTimes before) => new(now.Commits - before.Commits, now.Seconds - before.Seconds);

    // Scrapes within 300 ms share one answer; and a scrape of thousands of endpoints leaves garbage, which is not what is measured.
    private static readonly TimeSpan AroundScrapes = TimeSpan.FromMilliseconds(400);

    public static async Task<CommitTimes> ReadAsync(HttpClient client, CancellationToken cancellationToken)
    {
        await Task.Delay(AroundScrapes, TimeProvider.System, cancellationToken);
        var lines = (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken)).Split('\n');
        await Task.Delay(AroundScrapes, TimeProvider.System, cancellationToken);
        return new CommitTimes(Value(lines, $"{Metric}_count"), Value(lines, $"{Metric}_sum"));
    }

    private static double Value(string[] lines, string series) =>
        lines.FirstOrDefault(line => line.StartsWith(series, StringComparison.Ordinal)) is { } line
            ? double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)
            : throw new BenchException($"the metrics have no {series}");
}
