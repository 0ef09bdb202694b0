using System.Globalization;
using System.Text;

namespace Middleware.Filtering.Cesql;

/// <summary>The casts between types; only those from a string can fail.</summary>
internal static class Casting
{
    /// <summary>False, with the zero value of the type, for a string that is none of its values.</summary>
    public static bool TryCast(CesqlValue value, CesqlType type, out CesqlValue cast)
    {
        if (value.Type == type)
        {
            cast = value;
            return true;
        }

        switch (type)
        {
            case CesqlType.String:
                cast = new CesqlValue(value.ToString());
                return true;
            case CesqlType.Integer when value.Type == CesqlType.Boolean:
                cast = new CesqlValue(value.Number);
                return true;
            case CesqlType.Integer:
                return TryReadInteger(value.Text, out cast);
            case CesqlType.Boolean when value.Type == CesqlType.Integer:
                cast = new CesqlValue(value.Number != 0);
                return true;
            default:
                cast = new CesqlValue(Ascii.EqualsIgnoreCase(value.Text, "true"));
                return cast.IsTrue || Ascii.EqualsIgnoreCase(value.Text, "false");
        }
    }

    public static CesqlFault Fault(int position, CesqlType type) => new(
        CesqlFaultKind.Cast, position, type == CesqlType.Integer ? "not an integer of 32 bits" : "neither true nor false");

    /// <summary>The parser of the base library also takes zero characters at the end; the language does not.</summary>
    private static bool TryReadInteger(string text, out CesqlValue value)
    {
        var number = 0;
        var isRead = text is [.., >= '0' and <= '9'] && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        value = new CesqlValue(isRead ? number : 0);
        return isRead;
    }
}
