namespace Middleware.Cesql.Evaluation;

/// <summary>LIKE and NOT LIKE.</summary>
internal sealed class LikeNode(Node operand, LikePattern pattern, bool isNegated) : Node(operand.Position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var result = operand.EvaluateAs(CesqlType.String, attributes, ref budget);
        if (result.Fault is not null)
        {
            return CesqlResult.Failed(CesqlType.Boolean, result.Fault);
        }

        var isMatch = pattern.Matches(result.Value.Text, ref budget);
        return budget.IsSpent ? TooCostly(CesqlType.Boolean) : CesqlResult.Of(isMatch != isNegated);
    }
}
