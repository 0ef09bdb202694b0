using HdrHistogram;
using static System.FormattableString;

namespace Bench.Report;

/// <summary>The result of one round.</summary>
internal sealed record Sample
{
    public required double PerSecond { get; init; }

    /// <summary>From the start of the measured process to its first answer to an event.</summary>
    public double? FirstAnswerMs { get; init; }

    /// <summary>CPU of the measured processes alone.</summary>
    public double? CpuMicrosecondsPerEvent { get; init; }

    /// <summary>The rate at which latency was measured.</summary>
    public double? OpenRate { get; init; }

    /// <summary>Microseconds, at <see cref="OpenRate"/>, from the intended moment of sending.</summary>
    public LongHistogram? Latency { get; init; }
}

/// <summary>The rounds of one thing; a row of the table is their medians.</summary>
/// <param name="name">In the table and the plot.</param>
/// <param name="baseline">What it is compared with, round by round; null for nothing.</param>
internal sealed class Series(string name, Series? baseline)
{
    private readonly List<Sample> _samples = [];

    public string Name => name;

    public Series? Baseline => baseline;

    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>Peak resident memory of the measured process alone, over all rounds.</summary>
    public double? PeakMegabytes { get; set; }

    public double PerSecond => Median(sample => sample.PerSecond)!.Value;

    public void Add(Sample sample) => _samples.Add(sample);

    /// <summary>The median over the rounds, or null if it was not measured.</summary>
    public double? Median(Func<Sample, double?> value)
    {
        var sorted = _samples.Select(value).OfType<double>().Order().ToList();
        return sorted.Count == 0 ? null : Middle(sorted);
    }

    /// <summary>The median over the rounds of a percentile, in milliseconds.</summary>
    public double? Percentile(double percentile) => Median(sample => sample.Latency?.GetValueAtPercentile(percentile) / 1000.0);

    /// <summary>The ratio to a baseline round by round, because rounds are neighbours in time and the machine is not steady.</summary>
    public IReadOnlyList<double> Ratios(Series baseline) => Ratios(baseline, static sample => sample.PerSecond);

    /// <summary>The median of these ratios.</summary>
    public double Ratio(Series baseline) => Middle(Ratios(baseline));

    /// <summary>The ratios of a latency, lowest first.</summary>
    public IReadOnlyList<double> LatencyRatios(Series baseline, double percentile) => Ratios(baseline, sample => sample.Latency!.GetValueAtPercentile(percentile));

    /// <summary>The median of these ratios.</summary>
    public double LatencyRatio(Series baseline, double percentile) => Middle(LatencyRatios(baseline, percentile));

    /// <summary>The median of the ratios of a time to the first answer.</summary>
    public double FirstAnswerRatio(Series baseline) => Middle(Ratios(baseline, static sample => sample.FirstAnswerMs!.Value));

    /// <summary>The median of what is sorted.</summary>
    public static double Middle(IReadOnlyList<double> sorted) => (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;

    /// <summary>The lowest and the highest of what is sorted.</summary>
    public static string Range(IReadOnlyList<double> sorted) => Invariant($"{sorted[0]:0.00} to {sorted[^1]:0.00}");

    private List<double> Ratios(Series baseline, Func<Sample, double> value) =>
        [.. _samples.Zip(baseline.Samples, (ours, theirs) => value(ours) / value(theirs)).Order()];
}
