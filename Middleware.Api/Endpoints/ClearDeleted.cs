using Middleware.Events;

namespace Middleware.Endpoints;

/// <summary>Makes dead letters of the deliveries to deleted endpoints, in small steps: the deletion holds up neither events nor changes.</summary>
internal sealed partial class ClearDeleted(IEndpointStore store, ILogger<ClearDeleted> logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LeftInterval = TimeSpan.FromSeconds(10);

    /// <summary>The deliveries that one transaction makes dead letters.</summary>
    public const int AtOnce = 200;

    private EndpointId? _current;
    private long _deadLetters;

    /// <summary>Clears all deleted endpoints. A stop or a failure leaves the rest stored, for the next round or start.</summary>
    public async Task ExecuteAllAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await ExecuteAsync())
        {
            SteppedOn();
        }
    }

    /// <summary>Takes one step; false when nothing is left to clear. Used by one loop.</summary>
    public async Task<bool> ExecuteAsync()
    {
        if (await store.ClearDeletedAsync(AtOnce) is not var (endpoint, deadLetters, isLast))
        {
            return false;
        }

        if (_current != endpoint)
        {
            (_current, _deadLetters) = (endpoint, 0);
            if (deadLetters > 0)
            {
                Clearing(endpoint.Value, store.Clearing);
            }
        }

        _deadLetters += deadLetters;
        if (isLast)
        {
            Cleared(endpoint.Value, _deadLetters);
            _current = null;
        }

        return true;
    }

    /// <summary>Clears what replicas have left that ended before they knew of a deletion.</summary>
    public async Task ClearLeftAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await store.ClearLeftAsync(AtOnce) is > 0 and var deadLetters)
        {
            LeftCleared(deadLetters);
        }
    }

    [LoggerMessage(LogLevel.Information, "deliveries left to deleted endpoints became dead letters")]
    private partial void LeftCleared(int deadLetters);

    [LoggerMessage(LogLevel.Information, "deliveries to deleted endpoints become dead letters")]
    private partial void Clearing(string endpoint, int waiting);

    [LoggerMessage(LogLevel.Trace, "a deletion went a step further")]
    private partial void SteppedOn();

    [LoggerMessage(LogLevel.Information, "deleted endpoint cleared")]
    private partial void Cleared(string endpoint, long deadLetters);
}
