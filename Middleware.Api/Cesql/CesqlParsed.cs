using System.Diagnostics.CodeAnalysis;

namespace Middleware.Cesql;

/// <summary>What became of a text: an expression, or what is wrong with it.</summary>
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
