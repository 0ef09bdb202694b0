using System.Text.Json.Serialization;
using static System.FormattableString;

namespace Bench.Report;

/// <summary>A rate of this checkout against that of another, and the control: the other checkout against itself.</summary>
/// <param name="Load">The kind of load.</param>
/// <param name="Ratio">Median of the rounds, this to other.</param>
/// <param name="Control">Median of the rounds, other again to other.</param>
/// <param name="Spread">Uncertainty of such a median, by the control: see <see cref="SpreadOf"/>.</param>
internal sealed record Comparison(string Load, double Ratio, double Control, double Spread)
{
    private const double LeastTolerated = 0.03;
    private const double Coarse = 0.1;
    private const double Doubt = 0.05;

    [JsonIgnore]
    public Bar Bar => new(Invariant($"{Load}: events/s, this to other"), 1 - Tolerated, Ratio);

    /// <summary>The run leans to a side, for the control would miss the bar itself, or it is too coarse to show a fault.</summary>
    [JsonIgnore]
    public bool IsDoubtful => Spread > Coarse || Math.Abs(Control - 1) > Tolerated;

    private double Tolerated => Math.Max(LeastTolerated, Spread);

    public static Comparison Of(string load, Series other, Series ours, Series again)
    {
        var control = again.Ratios(other);
        return new(load, ours.Ratio(other), Series.Middle(control), SpreadOf(control));
    }

    /// <summary>
    /// Half of the width of the interval that holds the true median of the ratios with a probability of 95 %, whatever their distribution.
    /// Up to eight rounds it reaches from the lowest ratio to the highest; of twelve it leaves out two at each end.
    /// </summary>
    private static double SpreadOf(IReadOnlyList<double> sorted)
    {
        // Each ratio is below the true median with a probability of a half: at most "cut" of them are, or exactly one more, by the binomial distribution.
        var cut = 0;
        var atMost = Math.Pow(0.5, sorted.Count);
        var oneMore = atMost * sorted.Count;
        while (2 * (atMost + oneMore) <= Doubt)
        {
            cut++;
            atMost += oneMore;
            oneMore *= (double)(sorted.Count - cut) / (cut + 1);
        }

        return (sorted[^(cut + 1)] - sorted[cut]) / 2;
    }
}
