namespace Middleware.Delivering;

/// <summary>Makes dead letters pending again when their next attempt is due.</summary>
internal sealed partial class QueueDue(IDeliveryStore store, TimeProvider clock, ILogger<QueueDue> logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const int AtOnce = 500;

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await store.QueueDueAsync(clock.GetUtcNow(), AtOnce, cancellationToken) == AtOnce)
        {
            MoreAreDue();
        }
    }

    [LoggerMessage(LogLevel.Debug, "more dead letters are due than are queued at once")]
    private partial void MoreAreDue();
}
