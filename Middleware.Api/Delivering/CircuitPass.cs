using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// What a delivery is under way by: handed out by its endpoint's circuit, and told of each try. Good until the circuit opens; all
/// deliveries between two openings share one, only a probe has its own.
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

    /// <summary>Set when no try may start any more: the circuit opened, or the stop came.</summary>
    public CancellationToken Ended { get; }

    /// <summary>True for the one delivery that tells whether the receiver is back; once it has said yes, this is a pass like any other.</summary>
    public bool IsProbe => _isProbe;

    /// <summary>
    /// True for a probe that failed as one before and takes its turn with others: its try is spent. What a receiver always stumbles over must
    /// not be the probe for ever.
    /// </summary>
    public bool IsTurn { get; set; }

    /// <summary>The time until the next probe of its circuit; zero or less while a try may start.</summary>
    public TimeSpan UntilProbe => _circuit.UntilProbe;

    /// <summary>Counts a try that has ended.</summary>
    /// <param name="attempt">The try.</param>
    /// <param name="isAboutReceiver">False where it may have failed for what was sent: then the circuit is not decided by it.</param>
    public void Note(Attempt attempt, bool isAboutReceiver = true)
    {
        _circuit.Recent.Note(attempt);
        if (isAboutReceiver)
        {
            _circuit.Note(this, attempt);
        }
    }

    /// <summary>Gives it back; a probe that told nothing leaves its place to another.</summary>
    public void Leave()
    {
        if (_isProbe)
        {
            _circuit.Leave(this);
        }
    }

    /// <summary>For the circuit alone: all may go on by it.</summary>
    public void OpenToAll() => _isProbe = false;

    /// <summary>For the circuit alone. What the end sets off runs in the pool: it may be called from a socket's thread.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        _ended.Dispose();
    }
}
