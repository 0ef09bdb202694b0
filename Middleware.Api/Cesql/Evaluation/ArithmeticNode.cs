using System.Collections.Immutable;
using Middleware.Cesql.Parsing;

namespace Middleware.Cesql.Evaluation;

/// <summary>Products, or sums, in a row from left to right. The first fault ends them, with 0.</summary>
internal sealed class ArithmeticNode(Node first, ImmutableArray<Step> rest) : Node(first.Position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var left = first.EvaluateAs(CesqlType.Integer, attributes, ref budget);
        foreach (var step in rest)
        {
            if (left.Fault is not null)
            {
                return left;
            }

            var right = step.Operand.EvaluateAs(CesqlType.Integer, attributes, ref budget);
            left = right.Fault is null ? Apply(step, left.Value.Number, right.Value.Number) : right;
        }

        return left;
    }

    /// <summary>The specification leaves an overflow open; it is a math error here and gives 0, as a division by zero does.</summary>
    public static CesqlResult Bounded(long number, int position) => number is >= int.MinValue and <= int.MaxValue
        ? CesqlResult.Of((int)number)
        : Failed(position, "the result is no integer of 32 bits");

    private static CesqlResult Apply(Step step, long left, long right) => step.Operator switch
    {
        TokenKind.Slash or TokenKind.Percent when right == 0 => Failed(step.Position, "division by zero"),
        TokenKind.Star => Bounded(left * right, step.Position),
        TokenKind.Slash => Bounded(left / right, step.Position),
        TokenKind.Percent => Bounded(left % right, step.Position),
        TokenKind.Plus => Bounded(left + right, step.Position),
        _ => Bounded(left - right, step.Position),
    };

    private static CesqlResult Failed(int position, string reason) =>
        CesqlResult.Failed(CesqlType.Integer, new CesqlFault(CesqlFaultKind.Math, position, reason));
}
