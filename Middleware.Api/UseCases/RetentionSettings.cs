using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>How long what was is kept.</summary>
/// <param name="Events">Resolved events with their attempts, from their acceptance on (<c>RETENTION</c>).</param>
/// <param name="DeadLetters">Dead letters for which no retry is planned, from their last failure on (<c>DEAD_LETTER_RETENTION</c>).</param>
internal sealed record RetentionSettings(TimeSpan Events, TimeSpan DeadLetters)
{
    public static RetentionSettings Read(SettingsReader settings) => new(
        settings.Duration(Setting.Retention.Name, Setting.Retention.Default, "1m", "3650d"),
        settings.Duration(Setting.DeadLetterRetention.Name, Setting.DeadLetterRetention.Default, "1m", "3650d"));
}
