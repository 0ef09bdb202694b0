using System.Collections.Immutable;

namespace Middleware.Cesql.Evaluation;

/// <summary>
/// IN and NOT IN: the elements are cast to the type of the value and compared from left to right, until one is equal or goes wrong.
/// </summary>
internal sealed class InNode(Node operand, ImmutableArray<Node> set, bool isNegated) : Node(operand.Position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes)
    {
        var value = operand.Evaluate(attributes);
        if (value.Fault is not null)
        {
            return CesqlResult.Failed(CesqlType.Boolean, value.Fault);
        }

        foreach (var node in set)
        {
            var element = node.EvaluateAs(value.Value.Type, attributes);
            if (element.Fault is not null)
            {
                return CesqlResult.Failed(CesqlType.Boolean, element.Fault);
            }

            if (element.Value == value.Value)
            {
                return CesqlResult.Of(!isNegated);
            }
        }

        return CesqlResult.Of(isNegated);
    }
}
