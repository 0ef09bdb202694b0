using System.Globalization;
using System.Text.RegularExpressions;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Limits;

/// <summary>A rate of requests as people write it: <c>100/s</c>, <c>600/m burst 50</c>, <c>1000/h</c>.</summary>
/// <param name="Permits">The requests in a period, 1 to 100,000.</param>
/// <param name="Seconds">The period: a second, a minute or an hour.</param>
/// <param name="Burst">The requests that may come at once after a pause, 1 to 1,000,000; as many as in a period unless it is given.</param>
public sealed partial record RequestRate(int Permits, int Seconds, int Burst)
{
    private const int MostPermits = 100_000;
    private const int MostBurst = 1_000_000;
    private const int Minute = 60;
    private const int Hour = 3600;

    /// <summary>The expectation of a text, for its error.</summary>
    public const string Expected = "expected requests in a second, minute or hour such as 100/s, 600/m burst 50 or 1000/h, 1 to 100000, with a burst of 1 to 1000000 or none";

    /// <summary>Reads a rate; null for another text.</summary>
    public static RequestRate? Parse(string text)
    {
        if (Form().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var permits = Number(match.Groups["permits"].Value);
        var burst = match.Groups["burst"] is { Success: true, Value: var given } ? Number(given) : permits;
        return permits is >= 1 and <= MostPermits && burst is >= 1 and <= MostBurst
            ? new RequestRate(permits, match.Groups["unit"].Value switch { "s" => 1, "m" => Minute, _ => Hour }, burst)
            : null;
    }

    /// <summary>Writes it so that <see cref="Parse"/> reads it back.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Permits}/{Seconds switch { 1 => 's', Minute => 'm', _ => 'h' }} burst {Burst}");

    /// <summary>A setting; null for none.</summary>
    internal static RequestRate? Read(SettingsReader settings, string name)
    {
        if (settings.Text(name) is not { Length: > 0 } text)
        {
            return null;
        }

        var rate = Parse(text);
        if (rate is null)
        {
            settings.Refuse(name, text, $"{Expected}, or nothing for no limit");
        }

        return rate;
    }

    // At most seven digits: more are over each bound, and might be over that of a number.
    private static int Number(string digits) => digits.Length <= 7 ? int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) : int.MaxValue;

    [GeneratedRegex(@"^(?<permits>[0-9]+)/(?<unit>[smh])(?: +burst +(?<burst>[0-9]+))?\z")]
    private static partial Regex Form();
}
