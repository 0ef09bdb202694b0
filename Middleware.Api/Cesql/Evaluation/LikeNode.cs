namespace Middleware.Cesql.Evaluation;

/// <summary>LIKE and NOT LIKE.</summary>
internal sealed class LikeNode(Node operand, LikePattern pattern, bool isNegated) : Node(operand.Position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes)
    {
        var result = operand.EvaluateAs(CesqlType.String, attributes);
        return result.Fault is null
            ? CesqlResult.Of(pattern.Matches(result.Value.Text) != isNegated)
            : CesqlResult.Failed(CesqlType.Boolean, result.Fault);
    }
}
