using System.Globalization;

namespace Bench.Report;

/// <summary>Prints the findings as a Markdown table, with what must be said about them below.</summary>
internal static class Table
{
    private static readonly string[] Heads = ["", "events/s", "p50 ms", "p99 ms", "p99.9 ms", "at events/s", "CPU µs/event", "peak RSS MB", "ratio"];

    private static readonly string[] ComparisonHeads = ["", "this/other", "control", "spread"];

    public static void Write(TextWriter output, Findings findings)
    {
        Write(output, [Heads, .. findings.Series.Select(Cells)]);
        if (findings.Comparisons.Count > 0)
        {
            Write(output, [ComparisonHeads, .. findings.Comparisons.Select(Cells)]);
        }

        WriteNotes(output, findings);
    }

    /// <summary>Prints what is said below the table.</summary>
    public static void WriteNotes(TextWriter output, Findings findings)
    {
        output.WriteLine();
        findings.Notes.ForEach(note => output.WriteLine($"- {note}"));
        foreach (var bar in findings.Bars)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"- {(bar.IsMet ? "met" : "MISSED")}: {bar.What} {(bar.AtMost ? "<=" : ">=")} {bar.Required:0.00}, measured {bar.Measured:0.00}"));
        }

        findings.Problems.ForEach(problem => output.WriteLine($"- PROBLEM: {problem}"));
    }

    /// <summary>Prints a table, with its head as the first row. So many columns after the first hold numbers, or all of them.</summary>
    public static void Write(TextWriter output, string[][] rows, int numbers = int.MaxValue)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        output.WriteLine();
        output.WriteLine(Line(rows[0]));
        output.WriteLine($"|{string.Join('|', widths.Select((width, column) => IsText(column) ? new string('-', width + 2) : $"{new string('-', width + 1)}:"))}|");
        rows.Skip(1).ToList().ForEach(row => output.WriteLine(Line(row)));

        bool IsText(int column) => column == 0 || column > numbers;

        string Line(string[] cells) =>
            $"| {string.Join(" | ", cells.Select((cell, column) => IsText(column) ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))} |";
    }

    private static string[] Cells(Comparison comparison) =>
    [comparison.Load, Number(comparison.Ratio, "0.000"), Number(comparison.Control, "0.000"), Number(comparison.Spread, "0.000")];

    private static string[] Cells(Series series) =>
    [
        series.Name,
        Number(series.PerSecond, "#,0"),
        Number(series.Percentile(50), "0.00"),
        Number(series.Percentile(99), "0.00"),
        Number(series.Percentile(99.9), "0.00"),
        Number(series.Median(sample => sample.OpenRate), "#,0"),
        Number(series.Median(sample => sample.CpuMicrosecondsPerEvent), "0.0"),
        Number(series.PeakMegabytes, "#,0"),
        Number(series.Baseline is { } baseline ? series.Ratio(baseline) : null, "0.00"),
    ];

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
