using Middleware.Domain;

namespace Middleware.Outbound;

/// <summary>The tries of one delivery, written down as they end. It travels with the request and is used by one try at a time.</summary>
internal sealed class AttemptLog(TimeProvider clock, CancellationToken stopped)
{
    public static readonly HttpRequestOptionsKey<AttemptLog> Key = new("attempts");

    private readonly List<Attempt> _attempts = new(1);
    private DateTimeOffset _startedAt;
    private long _started;

    public IReadOnlyList<Attempt> Attempts => _attempts;

    /// <summary>Starts a try and says its number, from 1, and its time.</summary>
    public (int Number, DateTimeOffset StartedAt) Begin()
    {
        _started = clock.GetTimestamp();
        _startedAt = clock.GetUtcNow();
        return (_attempts.Count + 1, _startedAt);
    }

    public void NoteAnswer(int status, ReadOnlyMemory<byte> response)
    {
        var reason = FailureReason.FromStatus(status);
        _attempts.Add(Ended() with { StatusCode = status, Response = response, Reason = reason, Error = reason is null ? null : $"HTTP status {status}" });
    }

    public void NoteFailure(Exception exception)
    {
        // A try that ends because the service stops is no attempt that failed.
        if (!stopped.IsCancellationRequested)
        {
            var (reason, error) = FailureClassifier.Classify(exception);
            _attempts.Add(Ended() with { Reason = reason, Error = error });
        }
    }

    /// <summary>Notes what ended a delivery whose tries have not noted a failure of their own.</summary>
    public void NoteFailureOutsideOfTry(Exception exception)
    {
        if (_attempts is [] or [.., { Reason: null }])
        {
            Begin();
            NoteFailure(exception);
        }
    }

    private Attempt Ended() => new()
    {
        Number = _attempts.Count + 1,
        StartedAt = _startedAt,
        Duration = clock.GetElapsedTime(_started),
    };
}
