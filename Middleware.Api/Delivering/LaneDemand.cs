using System.Diagnostics.CodeAnalysis;

namespace Middleware.Delivering;

/// <summary>The demand of a lane for workers: a permit for each delivery that is ready, and the workers that wait for one.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A worker or a commit may reach a lane that has just gone; nothing asks for the wait handle.")]
internal sealed class LaneDemand
{
    private readonly SemaphoreSlim _ready = new(0);
    private int _atGate;
    private int _idle;
    private int _leastIdle;
    private volatile bool _isInTurn;
    private volatile bool _isComplete;

    /// <summary>
    /// The workers that would find a delivery at once: one for each ready delivery that none waits for. With batches, which are gathered in turn, one
    /// when none is idle.
    /// </summary>
    public int Wanted => !_isInTurn ? _ready.CurrentCount : Volatile.Read(ref _idle) == 0 ? Math.Min(1, _ready.CurrentCount) : 0;

    /// <summary>Called when a delivery is ready and no worker waits for it: returns at once and does not throw.</summary>
    public Action? Unattended { get; set; }

    /// <summary>True while batches are gathered, by one worker at a time.</summary>
    public bool IsInTurn
    {
        get => _isInTurn;
        set => _isInTurn = value;
    }

    /// <summary>True when no more deliveries come: workers go when nothing is held any more.</summary>
    public bool IsComplete => _isComplete;

    public void Complete()
    {
        _isComplete = true;
        Ready();
    }

    /// <summary>Adds permits, and asks for a worker.</summary>
    public void Ready(int count = 1)
    {
        _ready.Release(count);
        Attend();
    }

    /// <summary>Asks for a worker when one would find a delivery. While one waits at the gate, the others would wait behind it.</summary>
    public void Attend()
    {
        if (Wanted > 0 && Volatile.Read(ref _atGate) == 0 && !_isComplete)
        {
            Unattended?.Invoke();
        }
    }

    /// <summary>The workers that were idle all the time since the last call.</summary>
    public int TakeLeastIdle()
    {
        var idle = Volatile.Read(ref _idle);
        return Math.Min(Interlocked.Exchange(ref _leastIdle, idle), idle);
    }

    /// <summary>Waits for a permit as an idle worker.</summary>
    public ValueTask WaitReadyAsync(CancellationToken cancellationToken) => WaitIdleAsync(_ready, cancellationToken);

    /// <summary>Waits for a permit until the token is cancelled; one that is at hand counts however late it is.</summary>
    public async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_ready.Wait(0, CancellationToken.None))
        {
            return true;
        }

        var ready = _ready.WaitAsync(cancellationToken);
        await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ready.IsCompletedSuccessfully;
    }

    /// <summary>Waits for a turn as an idle worker.</summary>
    public async ValueTask WaitIdleAsync(SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        var waiting = turn.WaitAsync(cancellationToken);
        if (waiting.IsCompletedSuccessfully)
        {
            return;
        }

        Interlocked.Increment(ref _idle);
        try
        {
            await waiting;
        }
        finally
        {
            var left = Interlocked.Decrement(ref _idle);
            if (left < Volatile.Read(ref _leastIdle))
            {
                Volatile.Write(ref _leastIdle, left);
            }
        }
    }

    /// <summary>Waits at the gate: until then no other worker is asked for.</summary>
    public ValueTask<CircuitPass> WaitAtGateAsync(ValueTask<CircuitPass> entering) => entering.IsCompleted ? entering : WaitForAsync(entering);

    private async ValueTask<CircuitPass> WaitForAsync(ValueTask<CircuitPass> entering)
    {
        Interlocked.Increment(ref _atGate);
        try
        {
            return await entering;
        }
        finally
        {
            Interlocked.Decrement(ref _atGate);
        }
    }
}
