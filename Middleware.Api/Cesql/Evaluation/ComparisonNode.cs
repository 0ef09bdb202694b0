using System.Collections.Immutable;
using Middleware.Cesql.Parsing;

namespace Middleware.Cesql.Evaluation;

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
