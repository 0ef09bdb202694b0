namespace Middleware.Audit;

/// <summary>
/// Logs the head of the audit log once a day, so that a log that was cut shows: its end is then elsewhere too. Purges what is older than
/// <c>AUDIT_RETENTION</c>. Used by one loop.
/// </summary>
internal sealed partial class KeepAudit(IAuditLog log, AuditSettings settings, TimeProvider clock, ILogger<KeepAudit> logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly TimeSpan BetweenHeads = TimeSpan.FromDays(1);

    private DateTimeOffset _loggedAt = DateTimeOffset.MinValue;

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if ((now - _loggedAt).Duration() >= BetweenHeads)
        {
            Head(log.Head.ToString());
            _loggedAt = now;
        }

        while (!cancellationToken.IsCancellationRequested && await log.PurgeAsync(now - settings.Retention))
        {
            PurgesOn();
        }
    }

    [LoggerMessage(LogLevel.Information, "head of the audit log")]
    private partial void Head(string head);

    [LoggerMessage(LogLevel.Trace, "more of the audit log is old than is purged at once")]
    private partial void PurgesOn();
}
