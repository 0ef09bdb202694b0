using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// Keeps attempts from a receiver that fails. It opens for 15 s when at least half of at least 20 attempts in 30 s failed. Then one probe goes
/// through: a success closes it; a failure opens it for twice as long, up to 5 minutes.
/// </summary>
internal sealed class Circuit : IDisposable
{
    public const int FewestTries = 20;
    public static readonly TimeSpan ShortestOpening = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan LongestOpening = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly CancellationToken _stop;

    // Made for the first attempt: most endpoints of many are sent nothing for long.
    private TryWindow? _tries;
    private TimeSpan _openFor;
    private long _openedAt;
    private CircuitPass? _probe;
    private volatile CircuitPass? _forAll;
    private volatile TaskCompletionSource _changed = NextChange();

    /// <summary>Makes a circuit whose passes end with <paramref name="stop"/>, as with an opening.</summary>
    public Circuit(TimeProvider clock, CancellationToken stop)
    {
        _clock = clock;
        _stop = stop;
        Recent = new RecentTries(clock);
        _forAll = new CircuitPass(this, isProbe: false, stop);
    }

    /// <summary>Raised at each opening, on the thread of the attempt: subscribers return at once and do not throw.</summary>
    public event Action<CircuitOpening>? Opened;

    /// <summary>Raised when a probe succeeded; as <see cref="Opened"/>.</summary>
    public event Action? Closed;

    /// <summary>Completes when <see cref="TryEnter"/> may answer differently. Must be read before that call.</summary>
    public Task Changed => _changed.Task;

    public CircuitState State
    {
        get
        {
            lock (_gate)
            {
                return _forAll is not null ? CircuitState.Closed : Left() > TimeSpan.Zero ? CircuitState.Open : CircuitState.HalfOpen;
            }
        }
    }

    /// <summary>The time until a probe may start; zero or less while a probe or any attempt may.</summary>
    public TimeSpan UntilProbe
    {
        get
        {
            lock (_gate)
            {
                return Left();
            }
        }
    }

    /// <summary>All attempts of the last minutes, those that end after an opening included.</summary>
    public RecentTries Recent { get; }

    /// <summary>A pass for a delivery. Null while there is none, with the wait for it: infinite where only a change helps.</summary>
    public CircuitPass? TryEnter(out TimeSpan wait)
    {
        wait = Timeout.InfiniteTimeSpan;
        if (_forAll is { } pass)
        {
            return pass;
        }

        lock (_gate)
        {
            if (_forAll is not null || _probe is not null)
            {
                return _forAll;
            }

            if (Left() is var left && left > TimeSpan.Zero)
            {
                wait = left;
                return null;
            }

            return _probe = new CircuitPass(this, isProbe: true, _stop);
        }
    }

    /// <summary>Counts an attempt, unless the circuit opened since its pass was given: that opening was decided without it.</summary>
    public void Note(CircuitPass pass, Attempt attempt)
    {
        // Only a fault that waiting may mend is a failure: no answer, 5xx, 408 and 429. A receiver with any other answer lives, and an address that
        // is refused is no better later.
        var failure = FailureReason.MayPass(attempt) ? attempt.Reason : null;
        CircuitOpening? opening = null;
        lock (_gate)
        {
            if (ReferenceEquals(pass, _probe))
            {
                _tries = null;
            }
            else if (!ReferenceEquals(pass, _forAll))
            {
                return;
            }

            _tries ??= new TryWindow(_clock);
            _tries.Note(failure);
            if (failure is not null && (_probe is not null || IsBroken(_tries)))
            {
                opening = Open(_tries);
            }
            else if (_probe is not null)
            {
                Close(pass);
            }
            else
            {
                return;
            }
        }

        // Outside of the gate: this is code of others.
        if (opening is not null)
        {
            _ = pass.EndAsync();
            Opened?.Invoke(opening);
        }
        else
        {
            Closed?.Invoke();
        }
    }

    /// <summary>Takes a pass back. A probe without a result leaves its place to another.</summary>
    public void Leave(CircuitPass pass)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(pass, _probe))
            {
                return;
            }

            _probe = null;
            TellOfChange();
        }

        _ = pass.EndAsync();
    }

    /// <summary>Starts over, closed, for another receiver. Every pass ends.</summary>
    public void Reset()
    {
        CircuitPass? ended;
        lock (_gate)
        {
            (ended, _tries) = (_forAll ?? _probe, null);
            Recent.Clear();
            Close(new CircuitPass(this, isProbe: false, _stop));
        }

        _ = ended?.EndAsync();
    }

    /// <summary>Ends every pass, without the event of an opening.</summary>
    public void Dispose()
    {
        CircuitPass? ended;
        lock (_gate)
        {
            ended = _forAll ?? _probe;
            (_openFor, _openedAt) = (LongestOpening, _clock.GetTimestamp());
            (_forAll, _probe) = (null, null);
        }

        _ = ended?.EndAsync();
    }

    private static TaskCompletionSource NextChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsBroken(TryWindow tries) => tries.Tries >= FewestTries && tries.Failures * 2 >= tries.Tries;

    private TimeSpan Left() => _openFor - _clock.GetElapsedTime(_openedAt);

    private CircuitOpening Open(TryWindow tries)
    {
        var ticks = Math.Clamp(_openFor.Ticks * 2, ShortestOpening.Ticks, LongestOpening.Ticks);
        (_openFor, _openedAt) = (TimeSpan.FromTicks(ticks), _clock.GetTimestamp());
        (_forAll, _probe) = (null, null);
        TellOfChange();
        return new CircuitOpening(tries.FailuresByReason(), tries.Tries, _openFor);
    }

    private void Close(CircuitPass pass)
    {
        pass.OpenToAll();
        (_forAll, _probe, _openFor) = (pass, null, TimeSpan.Zero);
        TellOfChange();
    }

    private void TellOfChange()
    {
        _changed.SetResult();
        _changed = NextChange();
    }
}
