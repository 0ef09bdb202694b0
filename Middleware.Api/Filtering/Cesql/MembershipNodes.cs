using System.Collections.Immutable;

namespace Middleware.Filtering.Cesql;

/// <summary>IN and NOT IN. The elements are cast to the type of the value and compared from left to right, until one is equal or faulty.</summary>
internal sealed class InNode(Node operand, ImmutableArray<Node> set, bool isNegated) : Node(operand.Position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var value = operand.Evaluate(attributes, ref budget);
        if (value.Fault is not null)
        {
            return CesqlResult.Failed(CesqlType.Boolean, value.Fault);
        }

        foreach (var node in set)
        {
            var element = node.EvaluateAs(value.Value.Type, attributes, ref budget);
            if (element.Fault is not null)
            {
                return CesqlResult.Failed(CesqlType.Boolean, element.Fault);
            }

            if (AreEqual(element.Value, value.Value, ref budget))
            {
                return CesqlResult.Of(!isNegated);
            }

            if (budget.IsSpent)
            {
                return TooCostly(CesqlType.Boolean);
            }
        }

        return CesqlResult.Of(isNegated);
    }
}

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
