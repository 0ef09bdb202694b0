using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Outbound;

/// <summary>
/// The tries of one delivery, written down as they end. It travels with the request, is used by one try at a time, and holds the stop
/// between the tries: in a pause the delivery is given up at once, a try may finish.
/// </summary>
internal sealed class AttemptLog : IDisposable
{
    public static readonly HttpRequestOptionsKey<AttemptLog> Key = new("attempts");

    private readonly List<Attempt> _attempts = new(1);
    private readonly CancellationTokenSource _cancel;
    private readonly CancellationTokenRegistration _stopped;
    private readonly StopSignals _stop;
    private readonly int _attemptsBefore;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private bool _inTry;
    private DateTimeOffset _startedAt;
    private long _started;

    public AttemptLog(int attemptsBefore, TimeProvider clock, StopSignals stop)
    {
        _attemptsBefore = attemptsBefore;
        _clock = clock;
        _stop = stop;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(stop.GiveUp);
        _stopped = stop.NoNewTries.UnsafeRegister(static log => ((AttemptLog)log!).CancelPause(), this);
    }

    public IReadOnlyList<Attempt> Attempts => _attempts;

    /// <summary>Set when the delivery is given up.</summary>
    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>Starts a try and says its number, from 1, and its time; throws when none may start any more.</summary>
    public (int Number, DateTimeOffset StartedAt) Begin()
    {
        lock (_gate)
        {
            _stop.NoNewTries.ThrowIfCancellationRequested();
            _inTry = true;
        }

        _started = _clock.GetTimestamp();
        _startedAt = _clock.GetUtcNow();
        return (NextNumber, _startedAt);
    }

    /// <summary>Ends the try with an answer and gives what is noted of it.</summary>
    public Attempt NoteAnswer(int status, TimeSpan? retryAfter, ReadOnlyMemory<byte> response)
    {
        var reason = FailureReason.FromStatus(status);
        var attempt = Ended() with
        {
            StatusCode = status,
            Response = response,
            Reason = reason,
            Error = reason is null ? null : $"HTTP status {status}",
            RetryAfter = retryAfter,
        };
        End(attempt);
        return attempt;
    }

    /// <summary>Ends the try without an answer and gives what is noted of it; null when it is no outcome.</summary>
    public Attempt? NoteFailure(Exception exception)
    {
        // What breaks after the stop signal breaks because of it, here or there: it is no outcome. Nor is what breaks after the circuit
        // opened: its delivery goes back to the lane.
        if (_stop.NoNewTries.IsCancellationRequested || _stop.GiveUp.IsCancellationRequested)
        {
            End(null);
            return null;
        }

        var (reason, error) = FailureClassifier.Classify(exception);
        var attempt = Ended() with { Reason = reason, Error = error };
        End(attempt);
        return attempt;
    }

    /// <summary>Notes what ended a delivery whose tries have not noted a failure of their own.</summary>
    public void NoteFailureOutsideOfTry(Exception exception)
    {
        if (_attempts is [] or [.., { Reason: null }])
        {
            _started = _clock.GetTimestamp();
            _startedAt = _clock.GetUtcNow();
            NoteFailure(exception);
        }
    }

    /// <summary>True when the last try is an outcome: a success, a failure that is final, or the last of all tries. Without a stop it always is.</summary>
    public bool IsDecided(RetryPlan plan)
    {
        if (_attempts is not [.., var last])
        {
            return false;
        }

        return !_cancel.IsCancellationRequested
            || _attempts.Count > plan.MaxRetries
            || last is { Reason: FailureReason.AddressRefused }
            || last is { StatusCode: { } status } && status < 500;
    }

    public void Dispose()
    {
        _stopped.Dispose();
        _cancel.Dispose();
    }

    private int NextNumber => _attemptsBefore + _attempts.Count + 1;

    private void End(Attempt? attempt)
    {
        if (attempt is not null)
        {
            _attempts.Add(attempt);
            _stop.Pass?.Note(attempt);
        }

        lock (_gate)
        {
            _inTry = false;
            if (!_stop.NoNewTries.IsCancellationRequested)
            {
                return;
            }
        }

        _cancel.Cancel();
    }

    private void CancelPause()
    {
        lock (_gate)
        {
            if (_inTry)
            {
                return;
            }
        }

        _cancel.Cancel();
    }

    private Attempt Ended() => new()
    {
        Number = NextNumber,
        StartedAt = _startedAt,
        Duration = _clock.GetElapsedTime(_started),
    };
}
