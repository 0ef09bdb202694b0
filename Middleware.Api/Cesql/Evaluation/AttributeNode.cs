namespace Middleware.Cesql.Evaluation;

/// <summary>The value of an attribute.</summary>
internal sealed class AttributeNode(int position, string name) : Node(position)
{
    // Made once: that an attribute is missing is what a filter meets most.
    private readonly CesqlResult _missing =
        CesqlResult.Failed(CesqlType.Boolean, new CesqlFault(CesqlFaultKind.MissingAttribute, position, $"the event has no attribute {name}"));

    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => attributes.TryGet(name, out var value) ? new(value) : _missing;
}
