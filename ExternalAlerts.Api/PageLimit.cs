using System.Globalization;

namespace ExternalAlerts;

/// <summary>The <c>limit</c> of a list: 1 to 10,000, 100 when not given.</summary>
internal static class PageLimit
{
    private const int Default = 100;

    /// <summary>False, with the errors of the answer, for anything but a whole number within bounds.</summary>
    public static bool TryParse(string? text, out int limit, out Dictionary<string, string[]> errors)
    {
        errors = [];
        limit = Default;
        if (text is null
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= AlertLog.Kept))
        {
            return true;
        }

        errors["limit"] = [$"\"{text}\" is not accepted; expected a whole number from 1 to {AlertLog.Kept}."];
        return false;
    }
}
