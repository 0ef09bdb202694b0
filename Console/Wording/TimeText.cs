using System.Globalization;
using ServiceDefaults.Settings;

namespace AspireIntegration.Console.Wording;

/// <summary>Writes and reads times as people say them: by their distance from now.</summary>
internal static class TimeText
{
    public static string Relative(DateTimeOffset time, DateTimeOffset now) =>
        (now - time) is var ago && ago >= TimeSpan.Zero ? ago < TimeSpan.FromSeconds(1) ? "now" : $"{Span(ago)} ago" : $"in {Span(-ago)}";

    /// <summary>A span of time in its largest unit.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalSeconds):0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalMinutes):0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalHours):0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalDays):0} days"),
    };

    /// <summary>A time, in UTC unless it says otherwise, or a duration before now such as <c>15m</c> or <c>7d</c>; null for another text.</summary>
    public static DateTimeOffset? Find(string? text, DateTimeOffset now) =>
        Duration.TryParse(text, out var ago) ? now - ago
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : null;
}
