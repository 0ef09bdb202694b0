namespace Middleware.Cesql;

/// <summary>
/// What an evaluation gave. There is always a value: beside a fault it is the one the specification names, else the zero value of the
/// operator's or function's type.
/// </summary>
/// <param name="Value">The value.</param>
/// <param name="Fault">The first thing that went wrong, or null.</param>
internal readonly record struct CesqlResult(CesqlValue Value, CesqlFault? Fault = null)
{
    /// <summary>True only for the boolean true without any fault: what a filter lets pass.</summary>
    public bool IsMatch => Fault is null && Value is { Type: CesqlType.Boolean, IsTrue: true };

    public static CesqlResult Of(bool value) => new(new CesqlValue(value));

    public static CesqlResult Of(int value) => new(new CesqlValue(value));

    public static CesqlResult Of(string value) => new(new CesqlValue(value));

    /// <summary>The zero value of a type, with a fault.</summary>
    public static CesqlResult Failed(CesqlType type, CesqlFault fault) => new(CesqlValue.Zero(type), fault);
}
