using System.Globalization;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client;

/// <summary>Faults of settings. Each names the setting, its value and the values that are accepted.</summary>
internal static class SettingFault
{
    public static IEnumerable<string> OutOf(string name, TimeSpan value, TimeSpan least, TimeSpan most) => value < least || value > most
        ? [$"{name} \"{value.ToString("c", CultureInfo.InvariantCulture)}\" is out of range; expected {DurationText.Format(least)} to {DurationText.Format(most)}"]
        : [];

    public static IEnumerable<string> OutOf(string name, int value, int least, int most) => value < least || value > most
        ? [$"{name} \"{value.ToString(CultureInfo.InvariantCulture)}\" is out of range; expected {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}"]
        : [];

    /// <summary>Refuses settings with faults.</summary>
    /// <exception cref="ArgumentException">There are some.</exception>
    public static void ThrowIfAny(IEnumerable<string> faults)
    {
        if (string.Join('\n', faults) is { Length: > 0 } all)
        {
            throw new ArgumentException(all);
        }
    }
}
