namespace Middleware.Delivering;

/// <content>The demand of a lane for workers.</content>
internal sealed partial class Lane
{
    private int _atGate;
    private int _idle;
    private int _leastIdle;

    /// <summary>
    /// The workers that would find a delivery at once: one for each ready delivery that none waits for. With batches, which are gathered in turn, one
    /// when none is idle.
    /// </summary>
    public int Wanted => _plan is null ? _ready.CurrentCount : Volatile.Read(ref _idle) == 0 ? Math.Min(1, _ready.CurrentCount) : 0;

    /// <summary>Called when a delivery is ready and no worker waits for it: returns at once and does not throw.</summary>
    public Action? Unattended { get; set; }

    /// <summary>Asks for a worker when one would find a delivery. While one waits at the gate, the others would wait behind it.</summary>
    public void Attend()
    {
        if (Wanted > 0 && Volatile.Read(ref _atGate) == 0 && !_completed)
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

    private void Ready(int count = 1)
    {
        _ready.Release(count);
        Attend();
    }

    private ValueTask<CircuitPass> EnterAsync(CancellationToken cancellationToken)
    {
        var entering = gate.EnterAsync(cancellationToken);
        return entering.IsCompleted ? entering : WaitAtGateAsync(entering);
    }

    private async ValueTask<CircuitPass> WaitAtGateAsync(ValueTask<CircuitPass> entering)
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

    private async ValueTask WaitIdleAsync(SemaphoreSlim turn, CancellationToken cancellationToken)
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
}
