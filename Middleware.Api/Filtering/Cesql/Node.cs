namespace Middleware.Filtering.Cesql;

/// <summary>A part of an expression. Immutable, and so evaluated from any thread.</summary>
/// <param name="position">Where it begins in the text.</param>
internal abstract class Node(int position)
{
    public int Position => position;

    /// <summary>The value, with the fault of whatever went wrong. What it costs beside the words of the expression is spent by the node that costs it.</summary>
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

    /// <summary>Whether two values are equal. False, with the budget spent, when it would cost more to say.</summary>
    protected static bool AreEqual(CesqlValue one, CesqlValue other, ref StepBudget budget) =>
        (one.Text.Length != other.Text.Length || budget.TryCompare(one.Text.Length)) && one == other;
}

internal sealed class LiteralNode(int position, CesqlValue value) : Node(position)
{
    private readonly CesqlResult _result = new(value);

    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => _result;
}

/// <summary>The value of an attribute.</summary>
internal sealed class AttributeNode(int position, string name) : Node(position)
{
    // Made once: that an attribute is missing is what a filter meets most.
    private readonly CesqlResult _missing =
        CesqlResult.Failed(CesqlType.Boolean, new CesqlFault(CesqlFaultKind.MissingAttribute, position, $"the event has no attribute {name}"));

    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => attributes.TryGet(name, out var value) ? new(value) : _missing;
}

/// <summary>Whether the event has an attribute.</summary>
internal sealed class ExistsNode(int position, string name) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => CesqlResult.Of(attributes.TryGet(name, out _));
}
