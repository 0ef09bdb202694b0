namespace Middleware.Filtering.Cesql;

/// <summary>The unary minus.</summary>
internal sealed class NegateNode(int position, Node operand) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var result = operand.EvaluateAs(CesqlType.Integer, attributes, ref budget);
        return result.Fault is null ? ArithmeticNode.Bounded(-(long)result.Value.Number, Position) : result;
    }
}

/// <summary>
/// NOT. The conformance suite wants of <c>NOT 10</c> the value true with a cast error, though integers are cast to booleans everywhere else. So this
/// operator takes no integers, and a cast that fails gives false before it is negated.
/// </summary>
internal sealed class NotNode(int position, Node operand) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var result = operand.Evaluate(attributes, ref budget);
        if (result.Fault is not null)
        {
            return CesqlResult.Failed(CesqlType.Boolean, result.Fault);
        }

        var cast = result.Value.Type == CesqlType.Integer
            ? CesqlResult.Failed(CesqlType.Boolean, Casting.Fault(operand.Position, CesqlType.Boolean))
            : operand.Cast(result.Value, CesqlType.Boolean, ref budget);
        return cast with { Value = new CesqlValue(!cast.Value.IsTrue) };
    }
}
