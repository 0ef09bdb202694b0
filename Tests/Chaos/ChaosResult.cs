using System.Globalization;
using System.Text;

namespace Tests.Chaos;

/// <summary>The figures of a run, and the promises that were broken.</summary>
internal sealed class ChaosResult(ChaosPlan plan, FaultMaker faults, ChaosChecks checks, ChaosLoad load, IReadOnlyList<string> violations, IReadOnlyList<string> log)
{
    public IReadOnlyList<string> Violations => violations;

    /// <summary>The lines of all replicas.</summary>
    public IReadOnlyList<string> Log => log;

    public override string ToString()
    {
        var text = new StringBuilder();
        Line($"seed {plan.Seed}, {plan.Length.TotalMinutes:0.#} min, {plan.Replicas} replicas, ADOPT_AFTER={plan.AdoptAfter.TotalSeconds}s, clocks ahead by {string.Join(", ", plan.ClocksAhead.Select(static ahead => ahead.TotalMinutes))} min");
        Line($"faults: {faults.Faults.Count} ({string.Join(", ", faults.Faults.CountBy(static fault => fault.Kind).Select(static kind => $"{kind.Key} {kind.Value}"))})");
        Line($"events: {load.Accepted.Count}, pairs with one key: {load.Twins}; answers: {string.Join(", ", load.Answers.OrderBy(static answer => answer.Key).Select(static answer => $"{answer.Key}: {answer.Value}"))}");
        Line($"lost: {checks.Lost}, lost with a standby that lagged: {checks.LostWithLag}, duplicated: {checks.Duplicated}, longest gap in delivery: {checks.LongestGap.Length.TotalSeconds:0.00} s until {checks.LongestGap.End.TotalSeconds:0.0} s");
        Line($"longest: {string.Join(", ", faults.Adoptions.Select(static adoption => string.Create(CultureInfo.InvariantCulture, $"{adoption.Key} {adoption.Value.TotalSeconds:0.00} s")))}");
        foreach (var violation in violations)
        {
            Line($"BROKEN {violation}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
