namespace Middleware.Cesql.Evaluation;

/// <summary>The unary minus.</summary>
internal sealed class NegateNode(int position, Node operand) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes)
    {
        var result = operand.EvaluateAs(CesqlType.Integer, attributes);
        return result.Fault is null ? ArithmeticNode.Bounded(-(long)result.Value.Number, Position) : result;
    }
}
