using ServiceDefaults.Settings;

namespace Middleware.Retention;

/// <summary>
/// Purges rows past their retention. A pass goes on from the last one. After a tenth of the shorter retention, at most an hour, it starts over. Then
/// it looks again at events that were not resolved and at dead letters that were not old. Used by one loop.
/// </summary>
internal sealed partial class PurgeOld(IRetentionStore store, RetentionSettings settings, TimeProvider clock, ILogger<PurgeOld> logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestBetweenFullPasses = TimeSpan.FromHours(1);

    private readonly TimeSpan _betweenFullPasses =
        new[] { settings.Events / 10, settings.DeadLetters / 10, LongestBetweenFullPasses }.Min();

    private DateTimeOffset _fullPass = DateTimeOffset.MinValue;
    private long _events;
    private long _deadLetters;

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if ((now - _fullPass).Duration() >= _betweenFullPasses)
        {
            (_fullPass, _events, _deadLetters) = (now, 0, 0);
        }

        var (eventsBefore, deadLettersBefore) = (now - settings.Events, now - settings.DeadLetters);
        var (events, deadLetters) = (0, 0);
        for (var step = default(PurgeStep); !step.IsLast && !cancellationToken.IsCancellationRequested;)
        {
            step = await store.PurgeDeadLettersAsync(_deadLetters, deadLettersBefore, eventsBefore);
            (_deadLetters, events, deadLetters) = (step.Cursor, events + step.Events, deadLetters + step.DeadLetters);
        }

        for (var step = default(PurgeStep); !step.IsLast && !cancellationToken.IsCancellationRequested;)
        {
            step = await store.PurgeEventsAsync(_events, eventsBefore);
            (_events, events) = (step.Cursor, events + step.Events);
        }

        while (!cancellationToken.IsCancellationRequested && await store.PurgeExpiredAsync(now, deadLettersBefore))
        {
            PurgesOn();
        }

        Tell(events, deadLetters);
    }

    private void Tell(int events, int deadLetters)
    {
        if (events > 0)
        {
            EventsPurged(events);
        }

        if (deadLetters > 0)
        {
            DeadLettersPurged(deadLetters);
        }
    }

    [LoggerMessage(LogLevel.Information, "events older than RETENTION purged")]
    private partial void EventsPurged(int count);

    [LoggerMessage(LogLevel.Warning, "dead letters older than DEAD_LETTER_RETENTION purged")]
    private partial void DeadLettersPurged(int count);

    [LoggerMessage(LogLevel.Trace, "more has expired than is purged at once")]
    private partial void PurgesOn();
}

/// <summary>The times for which resolved events and dead letters are kept.</summary>
/// <param name="Events">Resolved events with their attempts, from their acceptance on (<c>RETENTION</c>).</param>
/// <param name="DeadLetters">Dead letters for which no retry is planned, from their last failure on (<c>DEAD_LETTER_RETENTION</c>).</param>
internal sealed record RetentionSettings(TimeSpan Events, TimeSpan DeadLetters)
{
    public static RetentionSettings Read(SettingsReader settings) => new(
        settings.Duration(Setting.Retention.Name, Setting.Retention.Default, "1m", "3650d"),
        settings.Duration(Setting.DeadLetterRetention.Name, Setting.DeadLetterRetention.Default, "1m", "3650d"));
}

internal static class RetentionRegistration
{
    public static IServiceCollection AddRetention(this IServiceCollection services) => services.AddSettings(RetentionSettings.Read).AddSingleton<PurgeOld>();
}
