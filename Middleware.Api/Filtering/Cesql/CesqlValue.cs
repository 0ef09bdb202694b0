using System.Globalization;

namespace Middleware.Filtering.Cesql;

internal enum CesqlType
{
    Boolean,

    /// <summary>A signed integer of 32 bits.</summary>
    Integer,

    String,
}

/// <summary>A value of the language. The default is false.</summary>
internal readonly record struct CesqlValue
{
    private readonly string? _text;

    public CesqlValue(bool value) => Number = value ? 1 : 0;

    public CesqlValue(int value) => (Type, Number) = (CesqlType.Integer, value);

    public CesqlValue(string value) => (Type, _text) = (CesqlType.String, value);

    public CesqlType Type { get; }

    public int Number { get; }

    public bool IsTrue => Number != 0;

    public string Text => _text ?? "";

    /// <summary>The zero value of a type: false, 0 and the empty string.</summary>
    public static CesqlValue Zero(CesqlType type) => type switch
    {
        CesqlType.Integer => new(0),
        CesqlType.String => new(""),
        _ => new(false),
    };

    public override string ToString() => Type switch
    {
        CesqlType.Integer => Number.ToString(CultureInfo.InvariantCulture),
        CesqlType.String => Text,
        _ => IsTrue ? "true" : "false",
    };
}

/// <summary>
/// The result of an evaluation. There is always a value: beside a fault the one that the specification names, else the zero value of the operator's
/// or function's type.
/// </summary>
/// <param name="Value">The value.</param>
/// <param name="Fault">The first fault, or null.</param>
internal readonly record struct CesqlResult(CesqlValue Value, CesqlFault? Fault = null)
{
    /// <summary>True only for the boolean true without any fault: then a filter lets the event pass.</summary>
    public bool IsMatch => Fault is null && Value is { Type: CesqlType.Boolean, IsTrue: true };

    public static CesqlResult Of(bool value) => new(new CesqlValue(value));

    public static CesqlResult Of(int value) => new(new CesqlValue(value));

    public static CesqlResult Of(string value) => new(new CesqlValue(value));

    /// <summary>The zero value of a type, with a fault.</summary>
    public static CesqlResult Failed(CesqlType type, CesqlFault fault) => new(CesqlValue.Zero(type), fault);
}
