namespace Middleware.Filtering.Cesql;

/// <summary>A part of an expression. Immutable, and so evaluated from any thread.</summary>
/// <param name="position">Its place in the text.</param>
internal abstract class Node(int position)
{
    public int Position => position;

    /// <summary>The value, with the first fault. Each node spends its own cost beside that of the expression's words.</summary>
    public abstract CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget);

    /// <summary>The value cast to a type; with a fault, the type's zero value.</summary>
    public CesqlResult EvaluateAs(CesqlType type, ICesqlAttributes attributes, ref StepBudget budget)
    {
        var result = Evaluate(attributes, ref budget);
        if (result.Fault is not null)
        {
            return CesqlResult.Failed(type, result.Fault);
        }

        return result.Value.Type == type ? result : Cast(result.Value, type, ref budget);
    }

    /// <summary>A value of this part cast to a type.</summary>
    public CesqlResult Cast(CesqlValue value, CesqlType type, ref StepBudget budget)
    {
        if (value.Type != type && !budget.TrySpend(value.Text.Length))
        {
            return TooCostly(type);
        }

        return Casting.TryCast(value, type, out var cast) ? new(cast) : CesqlResult.Failed(type, Casting.Fault(position, type));
    }

    /// <summary>The result in the place of a value when the budget is spent.</summary>
    protected CesqlResult TooCostly(CesqlType type) => CesqlResult.Failed(type, CesqlFault.TooCostly(position));

    /// <summary>True when two values are equal. False, with the budget spent, when a comparison would cost more.</summary>
    protected static bool AreEqual(CesqlValue one, CesqlValue other, ref StepBudget budget) =>
        (one.Text.Length != other.Text.Length || budget.TryCompare(one.Text.Length)) && one == other;
}

internal sealed class LiteralNode(int position, CesqlValue value) : Node(position)
{
    private readonly CesqlResult _result = new(value);

    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => _result;
}

internal sealed class AttributeNode(int position, string name) : Node(position)
{
    // Made once: a missing attribute is the commonest fault of a filter.
    private readonly CesqlResult _missing =
        CesqlResult.Failed(CesqlType.Boolean, new CesqlFault(CesqlFaultKind.MissingAttribute, position, $"the event has no attribute {name}"));

    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => attributes.TryGet(name, out var value) ? new(value) : _missing;
}

/// <summary>True when the event has an attribute.</summary>
internal sealed class ExistsNode(int position, string name) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => CesqlResult.Of(attributes.TryGet(name, out _));
}
