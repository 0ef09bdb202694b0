namespace Middleware.Cesql.Evaluation;

internal sealed class LiteralNode(int position, CesqlValue value) : Node(position)
{
    private readonly CesqlResult _result = new(value);

    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => _result;
}
