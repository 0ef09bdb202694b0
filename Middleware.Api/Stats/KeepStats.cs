using Middleware.Events;
using Middleware.Telemetry;
using ServiceDefaults.Settings;

namespace Middleware.Stats;

/// <summary>
/// Keeps what this replica counts, a row for each minute in which there was something. A kill loses the minute under way, a stop nothing. While the store
/// cannot be written the last hour is held.
/// </summary>
internal sealed partial class KeepStats : IDisposable
{
    /// <summary>The most endpoints of a minute.</summary>
    public const int MostEndpoints = 100;

    private const int MostHeld = 60;

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private readonly IStatsStore _store;
    private readonly MiddlewareMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<KeepStats> _logger;

    // A minute is either held or kept for a reader, never both.
    private readonly SemaphoreSlim _one = new(1);
    private readonly Queue<MinuteCounts> _held = [];
    private DateTimeOffset _minute;

    public KeepStats(IStatsStore store, MiddlewareMetrics metrics, TimeProvider clock, ILogger<KeepStats> logger)
    {
        (_store, _metrics, _clock, _logger) = (store, metrics, clock, logger);
        _minute = MinuteOf(clock.GetUtcNow());
    }

    /// <summary>The beginning of the minute of a time.</summary>
    public static DateTimeOffset MinuteOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % Length.Ticks), TimeSpan.Zero);

    /// <summary>Waits for the end of the minute, and keeps it.</summary>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        await Task.Delay(Duration.RoundUp(MinuteOf(now) + Length - now), _clock, cancellationToken);
        if (MinuteOf(_clock.GetUtcNow()) != _minute)
        {
            await OneAtATimeAsync(KeepAsync, cancellationToken);
        }
    }

    /// <summary>Keeps the minute under way before the store is closed.</summary>
    public async Task StopAsync()
    {
        try
        {
            await OneAtATimeAsync(KeepAsync, CancellationToken.None);
        }
        catch (StoreUnavailableException exception)
        {
            NotKept(exception.Message);
        }
    }

    /// <summary>The counts of minutes from a time on: what is kept of all replicas, and what is not kept yet of this one.</summary>
    public async Task<IReadOnlyList<MinuteCounts>> ReadAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        IReadOnlyList<MinuteCounts> read = [];
        await OneAtATimeAsync(
            async () =>
            {
                var kept = await _store.ReadAsync(from, cancellationToken);
                read = [.. kept, .. _held.Where(held => held.Minute >= from), Count(static counts => counts.Read())];
            },
            cancellationToken);
        return read;
    }

    public void Dispose() => _one.Dispose();

    private async Task KeepAsync()
    {
        var counted = Count(static counts => counts.Take());
        _minute = MinuteOf(_clock.GetUtcNow());
        if (!counted.All.IsNone || counted.Endpoints.Count > 0)
        {
            _held.Enqueue(counted);
        }

        while (_held.Count > MostHeld)
        {
            _held.Dequeue();
        }

        while (_held.TryPeek(out var next))
        {
            await _store.AddAsync(next);
            _held.Dequeue();
        }
    }

    private MinuteCounts Count(Func<RunningCounts, Counts> read)
    {
        var all = read(_metrics.Counts);
        var endpoints = _metrics.ReadEndpoints(read);
        return new MinuteCounts(_minute, all, [.. endpoints.OrderByDescending(static one => one.Counts.Busy).Take(MostEndpoints)], Math.Max(0, endpoints.Count - MostEndpoints));
    }

    private async Task OneAtATimeAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await work();
        }
        finally
        {
            _one.Release();
        }
    }

    [LoggerMessage(LogLevel.Debug, "the counts of the last minute are not kept")]
    private partial void NotKept(string error);
}
