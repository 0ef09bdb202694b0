using System.Diagnostics.CodeAnalysis;

namespace Middleware.Delivering;

/// <summary>The demand of a lane for workers: a permit for each delivery that is ready.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A worker or a commit may reach a lane that has just gone; nothing asks for the wait handle.")]
internal sealed class LaneDemand
{
    private readonly SemaphoreSlim _ready = new(0);
    private int _atGate;

    // Several that gather batches at once would each have a part of one possible batch.
    private int _gathering;
    private volatile bool _isInTurn;
    private volatile bool _isComplete;

    /// <summary>The workers that would find a delivery at once: one for each that is ready. With batches, which are gathered in turn, one while none gathers.</summary>
    public int Wanted => !_isInTurn ? _ready.CurrentCount : Volatile.Read(ref _gathering) == 0 ? Math.Min(1, _ready.CurrentCount) : 0;

    /// <summary>Called when a delivery is ready: returns at once and does not throw.</summary>
    public Action? Unattended { get; set; }

    /// <summary>True while batches are gathered, by one worker at a time.</summary>
    public bool IsInTurn
    {
        get => _isInTurn;
        set => _isInTurn = value;
    }

    /// <summary>True when no more deliveries come.</summary>
    public bool IsComplete => _isComplete;

    public void Complete()
    {
        _isComplete = true;

        // For one that gathers a batch.
        _ready.Release();
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

    /// <summary>Takes a permit; false for none.</summary>
    public bool TryTake() => _ready.Wait(0, CancellationToken.None);

    /// <summary>Waits for a permit until the token is cancelled; one that is at hand counts however late it is.</summary>
    public async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (TryTake())
        {
            return true;
        }

        var ready = _ready.WaitAsync(cancellationToken);
        await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ready.IsCompletedSuccessfully;
    }

    /// <summary>Takes the turn to gather a batch; false when another has it, who asks for a worker when it leaves.</summary>
    public bool TryTakeTurn() => Interlocked.Exchange(ref _gathering, 1) == 0;

    /// <summary>Leaves the turn.</summary>
    public void LeaveTurn()
    {
        Interlocked.Exchange(ref _gathering, 0);
        Attend();
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
