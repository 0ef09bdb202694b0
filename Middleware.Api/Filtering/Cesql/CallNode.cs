using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Middleware.Filtering.Cesql;

/// <summary>
/// A call of a function. A faulty argument ends it, with the zero value of the function's type. It costs the characters of its arguments and of its
/// result. The cost of a joined text is spent before it is made.
/// </summary>
internal sealed class CallNode(int position, Function function, ImmutableArray<Node> arguments) : Node(position)
{
    public override CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget)
    {
        var few = default(FewValues);
        scoped Span<CesqlValue> values = few;
        values = arguments.Length <= values.Length ? values[..arguments.Length] : new CesqlValue[arguments.Length];
        var characters = 0L;
        for (var index = 0; index < values.Length; index++)
        {
            var argument = function.TypeOf(index) is { } type
                ? arguments[index].EvaluateAs(type, attributes, ref budget)
                : arguments[index].Evaluate(attributes, ref budget);
            if (argument.Fault is not null)
            {
                return CesqlResult.Failed(function.Returns, argument.Fault);
            }

            values[index] = argument.Value;
            characters += argument.Value.Text.Length;
        }

        if (!budget.TrySpend(characters + (function.IsVariadic ? Strings.LengthOfDelimiters(function, values) : 0)))
        {
            return TooCostly(function.Returns);
        }

        var result = function.Body(values, Position);
        return budget.TrySpend(result.Value.Text.Length) ? result : TooCostly(function.Returns);
    }

    /// <summary>Room on the stack for the arguments of most calls.</summary>
    [InlineArray(4)]
    private struct FewValues
    {
        private CesqlValue _first;
    }
}
