using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Middleware.Cesql.Functions;

namespace Middleware.Cesql.Evaluation;

/// <summary>A call of a function. An argument that goes wrong ends it, with the zero value of what the function gives.</summary>
internal sealed class CallNode(int position, Function function, ImmutableArray<Node> arguments) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes)
    {
        var few = default(FewValues);
        scoped Span<CesqlValue> values = few;
        values = arguments.Length <= values.Length ? values[..arguments.Length] : new CesqlValue[arguments.Length];
        for (var index = 0; index < values.Length; index++)
        {
            var argument = function.TypeOf(index) is { } type
                ? arguments[index].EvaluateAs(type, attributes)
                : arguments[index].Evaluate(attributes);
            if (argument.Fault is not null)
            {
                return CesqlResult.Failed(function.Returns, argument.Fault);
            }

            values[index] = argument.Value;
        }

        return function.Body(values, Position);
    }

    /// <summary>Room on the stack for the arguments of most calls.</summary>
    [InlineArray(4)]
    private struct FewValues
    {
        private CesqlValue _first;
    }
}
