using System.Text.Json.Serialization;

namespace Bench.Report;

/// <summary>Keeps a run: every round as JSON, the medians of rates as a plot.</summary>
internal static class ResultFiles
{
    public static void Write(string folder, string command, string machine, Findings findings)
    {
        var run = new RunRecord(machine, command, [.. findings.Series.Select(Record)], findings.Comparisons, findings.Bars, findings.Notes, findings.Problems);
        File.WriteAllBytes(Path.Combine(folder, $"{command}.json"), JsonSerializer.SerializeToUtf8Bytes(run, ResultJson.Default.RunRecord));
        if (findings.Series.Count > 0)
        {
            File.WriteAllText(Path.Combine(folder, $"{command}.svg"), Plot.Draw($"{command}: {machine}", findings));
        }
    }

    private static SeriesRecord Record(Series series) => new(series.Name, series.PeakMegabytes, [.. series.Samples.Select(sample => new RoundRecord(
        Math.Round(sample.PerSecond), sample.FirstAnswerMs, sample.CpuMicrosecondsPerEvent, sample.OpenRate,
        sample.Latency?.GetValueAtPercentile(50) / 1000.0,
        sample.Latency?.GetValueAtPercentile(99) / 1000.0,
        sample.Latency?.GetValueAtPercentile(99.9) / 1000.0,
        sample.Latency?.GetValueAtPercentile(100) / 1000.0))]);
}

internal sealed record RunRecord(
    string Machine,
    string Command,
    IReadOnlyList<SeriesRecord> Series,
    IReadOnlyList<Comparison> Comparisons,
    IReadOnlyList<Bar> Bars,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Problems);

internal sealed record SeriesRecord(string Name, double? PeakMegabytes, IReadOnlyList<RoundRecord> Rounds);

internal sealed record RoundRecord(
    double PerSecond, double? FirstAnswerMs, double? CpuMicrosecondsPerEvent, double? OpenRate, double? P50Ms, double? P99Ms, double? P999Ms, double? MaxMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class ResultJson : JsonSerializerContext;
