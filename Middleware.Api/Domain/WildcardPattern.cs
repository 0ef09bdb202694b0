using Middleware.Cesql;
using Middleware.Cesql.Evaluation;

namespace Middleware.Domain;

/// <summary>A name, or a pattern in which <c>*</c> stands for any characters or none; all others stand for themselves, case included.</summary>
internal sealed class WildcardPattern(string text)
{
    private readonly LikePattern? _pattern = !text.Contains('*', StringComparison.Ordinal) ? null : new([.. text.Split('*').Select(static piece => new LikeSegment(piece, []))]);

    /// <summary>True without any <c>*</c>.</summary>
    public bool IsName => _pattern is null;

    /// <summary>As it was given.</summary>
    public string Text => text;

    /// <summary>False, with the budget spent, when it would cost more to say.</summary>
    public bool Matches(string name, ref StepBudget budget) =>
        _pattern?.Matches(name, ref budget) ?? (budget.TryCompare(text.Length) && name == text);
}
