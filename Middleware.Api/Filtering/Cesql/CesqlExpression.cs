using System.Diagnostics.CodeAnalysis;

namespace Middleware.Filtering.Cesql;

/// <summary>
/// An expression of CloudEvents SQL 1.0.0, compiled once and evaluated as often as needed, from any number of threads.
/// AND, OR and XOR are of one precedence and go from left to right, as the specification's text has it.
/// </summary>
/// <seealso href="https://github.com/cloudevents/spec/blob/main/cesql/spec.md"/>
internal sealed class CesqlExpression
{
    public const int MaxLength = 4_096;

    /// <summary>The deepest nesting of parentheses, arguments and unary operators.</summary>
    public const int MaxDepth = 100;

    // Evaluating a node takes about as long as looking at so many characters.
    private const int StepsOfWord = 4;

    private readonly Node _root;

    private CesqlExpression(Node root, int steps) => (_root, Steps) = (root, steps);

    /// <summary>The cost of each evaluation by the length of the text alone, in steps.</summary>
    public int Steps { get; }

    /// <summary>
    /// The expression of a text, or its first fault. A call of an unknown function is a fault here, as the specification advises, and not in each
    /// evaluation.
    /// </summary>
    public static CesqlParsed Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            return new(new CesqlFault(CesqlFaultKind.Parse, MaxLength, $"longer than {MaxLength} characters"));
        }

        var parser = new Parser(text);
        return parser.Parse() is { } root ? new(new CesqlExpression(root, StepsOf(text, parser))) : new(parser.Fault);
    }

    /// <summary>
    /// Never throws by itself; allocates nothing unless it builds or converts a string, or meets a fault. A spent budget is the fault.
    /// </summary>
    public CesqlResult Evaluate(ICesqlAttributes attributes, ref StepBudget budget) => budget.TrySpend(Steps)
        ? _root.Evaluate(attributes, ref budget)
        : CesqlResult.Failed(CesqlType.Boolean, CesqlFault.TooCostly(position: 0));

    private static int StepsOf(string text, Parser parser) => (parser.Words * StepsOfWord) + (text.Length / StepBudget.ComparedAtOnce);
}

/// <summary>The result of parsing a text: an expression, or its first fault.</summary>
internal readonly record struct CesqlParsed
{
    public CesqlParsed(CesqlExpression expression) => Expression = expression;

    public CesqlParsed(CesqlFault fault) => Fault = fault;

    public CesqlExpression? Expression { get; }

    /// <summary><see cref="CesqlFaultKind.Parse"/> or <see cref="CesqlFaultKind.MissingFunction"/>.</summary>
    public CesqlFault? Fault { get; }

    [MemberNotNullWhen(true, nameof(Expression))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsValid => Expression is not null;
}
