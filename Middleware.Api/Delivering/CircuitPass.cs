using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The permission of a circuit to deliver, which counts each attempt. It holds until the circuit opens. All deliveries between two openings share one
/// pass; a probe has its own.
/// </summary>
internal sealed class CircuitPass
{
    private readonly Circuit _circuit;
    private readonly CancellationTokenSource _ended;
    private volatile bool _isProbe;

    public CircuitPass(Circuit circuit, bool isProbe, CancellationToken stop)
    {
        _circuit = circuit;
        _isProbe = isProbe;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Ended = _ended.Token;
    }

    /// <summary>Set when no attempt may start any more: the circuit opened, or the service stops.</summary>
    public CancellationToken Ended { get; }

    /// <summary>True for the one delivery whose attempt decides on the circuit. After its success this is a pass like any other.</summary>
    public bool IsProbe => _isProbe;

    /// <summary>
    /// True for a probe that failed before and takes its turn with others: its attempt is spent. A delivery at which its receiver always fails must
    /// not be the probe for ever.
    /// </summary>
    public bool IsTurn { get; set; }

    /// <summary>The time until the next probe of its circuit; zero or less while an attempt may start.</summary>
    public TimeSpan UntilProbe => _circuit.UntilProbe;

    /// <summary>Counts an ended attempt. Without <paramref name="isAboutReceiver"/> it may have failed for its content and does not decide.</summary>
    public void Note(Attempt attempt, bool isAboutReceiver = true)
    {
        _circuit.Recent.Note(attempt);
        if (isAboutReceiver)
        {
            _circuit.Note(this, attempt);
        }
    }

    /// <summary>Gives the pass back. A probe without a result leaves its place to another.</summary>
    public void Leave()
    {
        if (_isProbe)
        {
            _circuit.Leave(this);
        }
    }

    /// <summary>Opens the pass to all deliveries. For the circuit alone.</summary>
    public void OpenToAll() => _isProbe = false;

    /// <summary>Ends the pass. For the circuit alone. The continuations run in the pool: the caller may be on a socket's thread.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        _ended.Dispose();
    }
}
