namespace ExternalAlerts;

/// <summary>The current fault, if any, and the choice of the requests that it strikes.</summary>
internal sealed class Faults(Random random)
{
    private readonly Lock _gate = new();
    private volatile Fault? _fault;
    private int? _remaining;

    public FaultState State
    {
        get
        {
            lock (_gate)
            {
                return FaultState.Of(_fault, _remaining);
            }
        }
    }

    public FaultState Set(Fault? fault)
    {
        lock (_gate)
        {
            _fault = fault;
            _remaining = fault?.Count;
            return State;
        }
    }

    /// <summary>The fault of the next request; null for none.</summary>
    public Fault? Next()
    {
        if (_fault is null)
        {
            return null;
        }

        lock (_gate)
        {
            if (_fault is null || _remaining == 0 || random.NextDouble() >= _fault.Rate)
            {
                return null;
            }

            _remaining--;
            return _fault;
        }
    }
}
