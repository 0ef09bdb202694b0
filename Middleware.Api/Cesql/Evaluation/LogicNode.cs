using System.Collections.Immutable;
using Middleware.Cesql.Parsing;

namespace Middleware.Cesql.Evaluation;

/// <summary>
/// AND, OR and XOR in a row from left to right. An operand that cannot change the result of its AND or OR is not evaluated. The first
/// fault ends them, with false.
/// </summary>
internal sealed class LogicNode(Node first, ImmutableArray<Step> rest) : Node(first.Position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var left = first.EvaluateAs(CesqlType.Boolean, attributes, ref budget);
        foreach (var step in rest)
        {
            if (left.Fault is not null)
            {
                return left;
            }

            if (step.Operator == (left.Value.IsTrue ? TokenKind.Or : TokenKind.And))
            {
                continue;
            }

            var right = step.Operand.EvaluateAs(CesqlType.Boolean, attributes, ref budget);
            left = step.Operator == TokenKind.Xor && right.Fault is null
                ? CesqlResult.Of(left.Value.IsTrue != right.Value.IsTrue)
                : right;
        }

        return left;
    }
}
