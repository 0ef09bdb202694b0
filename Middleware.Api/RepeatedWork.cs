using System.Collections.Immutable;
using Middleware.Audit;
using Middleware.Callers;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Expiring;
using Middleware.Platform;
using Middleware.Replays;
using Middleware.Replicas;
using Middleware.Retention;
using Middleware.Stats;
using Middleware.Storage.Sql;
using Middleware.Telemetry;

namespace Middleware;

/// <summary>
/// Repeats a unit of work until the stop. An exception ends neither the host nor the work: it goes on with the next round. An unavailable store logs
/// itself. Any other exception is a defect, after which the work pauses, up to a minute while it goes on failing.
/// </summary>
/// <param name="name">The part that a defect is noted under.</param>
/// <param name="interval">The time between two rounds; zero for work that waits by itself, which pauses a second after a failure.</param>
/// <param name="work">One round.</param>
/// <param name="defects">Counts its exceptions.</param>
/// <param name="clock">The clock of its rounds.</param>
/// <param name="logger">Logs its failures.</param>
/// <param name="isEager">True for work whose first round is at the start.</param>
internal sealed partial class RepeatedWork(
    string name, TimeSpan interval, Func<CancellationToken, Task> work, Defects defects, TimeProvider clock, ILogger<RepeatedWork> logger, bool isEager = false) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private TimeSpan _pause = ShortestPause;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval > TimeSpan.Zero ? interval : ShortestPause, clock);
        var isWell = isEager || interval == TimeSpan.Zero;
        while (isWell || await IsNextAsync(timer, stoppingToken))
        {
            isWell = await IsDoneAsync(stoppingToken) && interval == TimeSpan.Zero && !stoppingToken.IsCancellationRequested;
        }
    }

    /// <summary>False when the stop has come.</summary>
    private static async ValueTask<bool> IsNextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask<bool> IsDoneAsync(CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
            _pause = ShortestPause;
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Stopped(name);
        }
        catch (StoreUnavailableException exception)
        {
            NotDone(name, exception.Message);
        }
        catch (Exception exception)
        {
            // A failure in each round must not fill the log.
            defects.Note(name, exception);
            await Task.Delay(_pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }

        return false;
    }

    [LoggerMessage(LogLevel.Debug, "repeated work stopped")]
    private partial void Stopped(string work);

    [LoggerMessage(LogLevel.Debug, "repeated work waits for the store")]
    private partial void NotDone(string work, string error);
}

/// <summary>The use cases that the service repeats by itself, each in a loop of its own.</summary>
internal sealed class RepeatedWorks(
    QueueDue redelivery, PlatformEvents platform, RunBulkReplays replays, PurgeOld retention, SweepExpired expiry, ClearDeleted clearing, ManageKeys keys, TokenKeys tokenKeys, SqlEncryption encryption, KeepAudit audit, FollowChanges changes, LaneStates states, KeepStats stats, ILaneOwnership ownership, Defects defects, TimeProvider clock, ILogger<RepeatedWork> logger)
{
    public ImmutableArray<RepeatedWork> All { get; } =
    [
        new("redelivery", QueueDue.Interval, OfFirst(ownership, redelivery.ExecuteAsync), defects, clock, logger),
        new("platform_events", TimeSpan.Zero, platform.PostNextAsync, defects, clock, logger),
        new("replays", RunBulkReplays.Interval, OfFirst(ownership, replays.ExecuteAllAsync), defects, clock, logger),
        new("expiry", SweepExpired.Interval, OfFirst(ownership, expiry.ExecuteAsync), defects, clock, logger),
        new("retention", PurgeOld.Interval, OfFirst(ownership, retention.ExecuteAsync), defects, clock, logger),
        new("key_uses", ManageKeys.UsesInterval, keys.NoteUsesAsync, defects, clock, logger),
        new("token_keys", TokenKeys.Interval, tokenKeys.ExecuteAsync, defects, clock, logger, isEager: true),
        new("encryption", SqlEncryption.Interval, encryption.ExecuteAsync, defects, clock, logger),
        new("audit", KeepAudit.Interval, audit.ExecuteAsync, defects, clock, logger, isEager: true),
        new("changes", TimeSpan.Zero, changes.ExecuteAsync, defects, clock, logger),
        new("lane_states", LaneStates.Interval, states.ShareAsync, defects, clock, logger),
        new("stats", TimeSpan.Zero, stats.ExecuteAsync, defects, clock, logger),
        new("clearing", ClearDeleted.Interval, OfFirst(ownership, clearing.ExecuteAllAsync), defects, clock, logger),
        new("clearing_left", ClearDeleted.LeftInterval, OfFirst(ownership, clearing.ClearLeftAsync), defects, clock, logger),
    ];

    /// <summary>The work of one replica for all.</summary>
    private static Func<CancellationToken, Task> OfFirst(ILaneOwnership ownership, Func<CancellationToken, Task> work) =>
        cancellationToken => ownership.IsFirst ? work(cancellationToken) : Task.CompletedTask;
}
