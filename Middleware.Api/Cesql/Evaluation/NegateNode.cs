namespace Middleware.Cesql.Evaluation;

/// <summary>The unary minus.</summary>
internal sealed class NegateNode(int position, Node operand) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var result = operand.EvaluateAs(CesqlType.Integer, attributes, ref budget);
        return result.Fault is null ? ArithmeticNode.Bounded(-(long)result.Value.Number, Position) : result;
    }
}
