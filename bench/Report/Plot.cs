using System.Globalization;
using System.Text;

namespace Bench.Report;

/// <summary>A small picture by hand: a bar of throughput for each series, and below it the latency by percentile, both axes logarithmic.</summary>
internal static class Plot
{
    private const int Width = 720;
    private const int Left = 190;
    private const int Across = 440;
    private const int CurveHeight = 200;

    private static readonly string[] Colours = ["#7a869a", "#2f6fde", "#d9822b", "#2e8b57"];
    private static readonly double[] Percentiles = [50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

    public static string Draw(string title, Findings findings)
    {
        var curves = findings.Series.Where(series => series.Percentile(50) is not null).ToList();
        var top = 50 + (findings.Series.Count * 34);
        var height = top + (curves.Count > 0 ? CurveHeight + 70 : 10);

        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">");
        Add(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/><text x=\"12\" y=\"20\" font-size=\"9\">{WebUtility.HtmlEncode(title)}</text>");
        DrawBars(svg, findings);
        if (curves.Count > 0)
        {
            DrawCurves(svg, curves, findings, top + 20);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawBars(StringBuilder svg, Findings findings)
    {
        var most = findings.Series.Max(series => series.PerSecond);
        for (var n = 0; n < findings.Series.Count; n++)
        {
            var (series, y) = (findings.Series[n], 40 + (n * 34));
            var length = series.PerSecond / most * Across;
            Add(svg, $"<text x=\"{Left - 8}\" y=\"{y + 16}\" text-anchor=\"end\">{WebUtility.HtmlEncode(series.Name)}</text>");
            Add(svg, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{length:0}\" height=\"24\" fill=\"{Colours[n % Colours.Length]}\"/>");
            Add(svg, $"<text x=\"{Left + length + 6:0}\" y=\"{y + 16}\">{series.PerSecond:#,0}/s</text>");
        }
    }

    private static void DrawCurves(StringBuilder svg, List<Series> curves, Findings findings, int top)
    {
        // From 10 µs to 1 s by decades.
        for (var decade = -2; decade <= 3; decade++)
        {
            var y = Y(top, Math.Pow(10, decade));
            Add(svg, $"<line x1=\"{Left}\" x2=\"{Left + Across}\" y1=\"{y:0}\" y2=\"{y:0}\" stroke=\"#ddd\"/>");
            Add(svg, $"<text x=\"{Left - 8}\" y=\"{y + 4:0}\" text-anchor=\"end\">{Math.Pow(10, decade):0.##} ms</text>");
        }

        foreach (var percentile in (double[])[50, 90, 99, 99.9, 99.99])
        {
            Add(svg, $"<text x=\"{X(percentile):0}\" y=\"{top + CurveHeight + 18}\" text-anchor=\"middle\">p{percentile:0.##}</text>");
        }

        foreach (var series in curves)
        {
            var points = Percentiles.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p):0},{Y(top, series.Percentile(p)!.Value):0}"));
            var colour = Colours[findings.Series.IndexOf(series) % Colours.Length];
            Add(svg, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{string.Join(' ', points)}\"/>");
        }
    }

    private static double X(double percentile) => Left + ((-Math.Log10(1 - (percentile / 100)) - 0.3) / 3.7 * Across);

    private static double Y(int top, double milliseconds) => top + CurveHeight - ((Math.Log10(Math.Clamp(milliseconds, 0.01, 1000)) + 2) / 5 * CurveHeight);

    private static void Add(StringBuilder svg, FormattableString line) => svg.Append(FormattableString.Invariant(line)).Append('\n');
}
