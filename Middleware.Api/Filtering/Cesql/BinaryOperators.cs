using System.Collections.Immutable;

namespace Middleware.Filtering.Cesql;

/// <summary>A binary operator, its place, and its right operand. The left operand is the result before it.</summary>
internal readonly record struct Step(TokenKind Operator, int Position, Node Operand);

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
        : Failed(position, "the result is not an integer of 32 bits");

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

/// <summary>Comparisons in a row from left to right. The first fault ends them, with false.</summary>
internal sealed class ComparisonNode(Node first, ImmutableArray<Step> rest) : Node(first.Position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var left = first.Evaluate(attributes, ref budget);
        foreach (var step in rest)
        {
            if (left.Fault is not null)
            {
                break;
            }

            left = step.Operator is TokenKind.Equal or TokenKind.NotEqual
                ? Equality(left.Value, step, attributes, ref budget)
                : Order(left.Value, step, attributes, ref budget);
        }

        return left.Fault is null ? left : CesqlResult.Failed(CesqlType.Boolean, left.Fault);
    }

    /// <summary>The right operand keeps its type; the left one is cast to it.</summary>
    private CesqlResult Equality(CesqlValue left, Step step, ICesqlAttributes attributes, ref StepBudget budget)
    {
        var right = step.Operand.Evaluate(attributes, ref budget);
        if (right.Fault is not null)
        {
            return right;
        }

        var cast = left.Type == right.Value.Type ? new(left) : Cast(left, right.Value.Type, ref budget);
        if (cast.Fault is not null)
        {
            return cast;
        }

        var areEqual = AreEqual(cast.Value, right.Value, ref budget);
        return budget.IsSpent ? TooCostly(CesqlType.Boolean) : CesqlResult.Of(areEqual == (step.Operator == TokenKind.Equal));
    }

    private CesqlResult Order(CesqlValue left, Step step, ICesqlAttributes attributes, ref StepBudget budget)
    {
        var cast = Cast(left, CesqlType.Integer, ref budget);
        if (cast.Fault is not null)
        {
            return cast;
        }

        var right = step.Operand.EvaluateAs(CesqlType.Integer, attributes, ref budget);
        return right.Fault is null ? CesqlResult.Of(Holds(step.Operator, cast.Value.Number, right.Value.Number)) : right;
    }

    private static bool Holds(TokenKind comparison, int left, int right) => comparison switch
    {
        TokenKind.Less => left < right,
        TokenKind.LessOrEqual => left <= right,
        TokenKind.Greater => left > right,
        _ => left >= right,
    };
}

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
