namespace Middleware.Cesql.Evaluation;

/// <summary>A part of an expression. Immutable, and so evaluated from any thread.</summary>
/// <param name="position">Where it begins in the text.</param>
internal abstract class Node(int position)
{
    public int Position => position;

    public abstract CesqlResult Evaluate(ICesqlAttributes attributes);

    /// <summary>The value cast to a type; with a fault, the type's zero value.</summary>
    public CesqlResult EvaluateAs(CesqlType type, ICesqlAttributes attributes)
    {
        var result = Evaluate(attributes);
        return result.Fault is null ? Cast(result.Value, type) : CesqlResult.Failed(type, result.Fault);
    }

    /// <summary>A value of this part cast to a type.</summary>
    public CesqlResult Cast(CesqlValue value, CesqlType type) => Casting.TryCast(value, type, out var cast)
        ? new(cast)
        : CesqlResult.Failed(type, Casting.Fault(position, type));
}
