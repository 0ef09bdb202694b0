namespace Middleware.Cesql.Evaluation;

/// <summary>Whether the event has an attribute.</summary>
internal sealed class ExistsNode(int position, string name) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => CesqlResult.Of(attributes.TryGet(name, out _));
}
