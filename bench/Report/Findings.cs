using static System.FormattableString;

namespace Bench.Report;

/// <summary>A bar, and what was measured against it.</summary>
internal sealed record Bar(string What, double Required, double Measured, bool AtMost = false)
{
    public bool IsMet => AtMost ? Measured <= Required : Measured >= Required;
}

/// <summary>All that a run found out.</summary>
internal sealed class Findings
{
    public List<Series> Series { get; } = [];

    public List<string> Notes { get; } = [];

    /// <summary>Lost or refused events: the figures are then worth little.</summary>
    public List<string> Problems { get; } = [];

    public List<Bar> Bars { get; } = [];

    public List<Comparison> Comparisons { get; } = [];

    public IEnumerable<Bar> Missed => Bars.Where(bar => !bar.IsMet);

    public Series Add(string name, Series? baseline = null)
    {
        var series = new Series(name, baseline);
        Series.Add(series);
        return series;
    }

    /// <summary>Adds a comparison and its bar.</summary>
    public void Add(Comparison comparison)
    {
        Comparisons.Add(comparison);
        Bars.Add(comparison.Bar);
        if (comparison.IsDoubtful)
        {
            Note($"{comparison.Load}: DOUBTFUL, the control is {comparison.Control:0.00} with a spread of {comparison.Spread:0.00}; repeat it on a quiet machine or with more rounds");
        }
    }

    /// <summary>Adds a note whose numbers are written the same on every machine.</summary>
    public void Note(FormattableString note) => Notes.Add(Invariant(note));

    /// <summary>Notes every answer that was not 200; where none was, there is nothing to measure.</summary>
    public void Check(string name, LoadResult load)
    {
        if (load.Accepted == 0)
        {
            throw new BenchException(Invariant($"{name}: no event was accepted, {string.Join(", ", load.Refused.Select(refused => Invariant($"{refused.Value} times {refused.Key}")))}"));
        }

        foreach (var (status, times) in load.Refused)
        {
            Problems.Add(Invariant($"{name}: {times} requests answered {status}"));
        }
    }

    /// <summary>Notes every event that was accepted and did not come, or came twice.</summary>
    public void Check(string name, long accepted, Serve.ReceiverStats stats)
    {
        if (stats.Unique != accepted || stats.Duplicates != 0 || stats.Unreadable != 0)
        {
            Problems.Add(Invariant(
                $"{name}: of {accepted} events {accepted - stats.Unique} lost, {stats.Duplicates} duplicated, {stats.Unreadable} requests without an event id"));
        }
    }
}
