using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Replays;

/// <summary>Takes every running replay a step further, each at its own pace. Used by one loop.</summary>
internal sealed partial class RunBulkReplays(
    IBulkReplayStore replays, EndpointRegistry endpoints, Defects defects, TimeProvider clock, ILogger<RunBulkReplays> logger)
{
    /// <summary>The time between two steps of the running replays.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>The most deliveries of one replay that wait at once.</summary>
    public const int MostWaiting = 1_000;

    /// <summary>The most deliveries queued in one transaction.</summary>
    private const int AtOnce = 200;

    /// <summary>The most events erased in one transaction: each is some ten statements.</summary>
    private const int ErasedAtOnce = 50;

    /// <summary>The pause of a replay after a step that failed by a defect.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, TokenBucket> _paces = [];
    private readonly Dictionary<string, long> _failedAt = [];

    /// <summary>Advances all of them as far as their pace allows now; after a restart they go on from their last step.</summary>
    public async Task ExecuteAllAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await ExecuteAsync())
        {
            SteppedOn();
        }
    }

    /// <summary>False when there is nothing more to do at this time.</summary>
    public async Task<bool> ExecuteAsync()
    {
        var running = replays.ReadRunning();
        foreach (var ended in _paces.Keys.Union(_failedAt.Keys).Except(running.Select(static replay => replay.Id)).ToList())
        {
            _paces.Remove(ended);
            _failedAt.Remove(ended);
        }

        var stepped = false;
        foreach (var replay in running)
        {
            stepped |= !IsAtRest(replay) && await TryStepAsync(replay);
        }

        return stepped;
    }

    private bool IsAtRest(BulkReplay replay) => _failedAt.TryGetValue(replay.Id, out var at) && clock.GetElapsedTime(at) < Rest;

    /// <summary>Takes a step of one replay; a defect in it must not hold up the others.</summary>
    private async Task<bool> TryStepAsync(BulkReplay replay)
    {
        try
        {
            return await StepAsync(replay);
        }
        catch (Exception exception) when (exception is not StoreUnavailableException)
        {
            defects.Note("replays", new InvalidOperationException($"The replay {replay.Id} rests for a minute.", exception));
            _failedAt[replay.Id] = clock.GetTimestamp();
            return false;
        }
    }

    private async Task<bool> StepAsync(BulkReplay replay)
    {
        if (replay.IsQueued)
        {
            if (replay.Waiting == 0 && await replays.CompleteAsync(replay.Id) is { } ended)
            {
                Note(ended);
            }

            return false;
        }

        var pace = PaceOf(replay);
        var limit = Math.Min(Math.Min(replay.Order.Erases ? ErasedAtOnce : AtOnce, MostWaiting - replay.Waiting), pace?.Available() ?? AtOnce);
        if (limit <= 0)
        {
            return false;
        }

        var queued = await replays.QueueNextAsync(replay, limit, id => endpoints.Find(id) is not null);
        pace?.Spend(queued);
        return true;
    }

    private void Note(BulkReplay ended)
    {
        if (ended.Order.Erases)
        {
            Erased(ended.Id, ended.Queued, ended.Skipped);
        }
        else if (ended.Order.DiscardedBy is { } by)
        {
            Discarded(ended.Id, ended.Queued, ended.Skipped, by);
        }
        else
        {
            Completed(ended.Id, ended.Queued, ended.Skipped);
        }
    }

    private TokenBucket? PaceOf(BulkReplay replay)
    {
        if (replay.Order.RatePerSecond is not { } rate)
        {
            return null;
        }

        if (!_paces.TryGetValue(replay.Id, out var pace))
        {
            // It holds a second's worth and begins empty: a restart is no burst.
            _paces[replay.Id] = pace = new TokenBucket(new RateLimit(rate, rate), 0, clock);
        }

        return pace;
    }

    [LoggerMessage(LogLevel.Trace, "replays went a step further")]
    private partial void SteppedOn();

    [LoggerMessage(LogLevel.Warning, "bulk erasure completed")]
    private partial void Erased(string erasureId, long erased, long skipped);

    [LoggerMessage(LogLevel.Warning, "bulk discard completed")]
    private partial void Discarded(string replayId, long discarded, long skipped, string discardedBy);

    [LoggerMessage(LogLevel.Information, "replay completed")]
    private partial void Completed(string replayId, long queued, long skipped);
}
