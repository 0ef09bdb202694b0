namespace Middleware.Delivering;

/// <summary>
/// The time for which this replica serves a lane: until the stop, or until another replica has it. Where nobody else can have it, it costs nothing of its own.
/// </summary>
internal sealed class LaneTerm
{
    private readonly CancellationTokenSource? _ended;
    private readonly CancellationTokenSource? _givenUp;

    private LaneTerm(StopSignals signals, CancellationTokenSource? ended, CancellationTokenSource? givenUp) => (Signals, _ended, _givenUp) = (signals, ended, givenUp);

    /// <summary>The signals of the term's end.</summary>
    public StopSignals Signals { get; }

    /// <param name="ownership">The ownership of lanes.</param>
    /// <param name="stopped">The stop of all lanes: no other attempt starts.</param>
    /// <param name="stoppedAtOnce">Their stop that leaves running attempts as they are.</param>
    public static LaneTerm Of(ILaneOwnership ownership, CancellationToken stopped, CancellationToken stoppedAtOnce)
    {
        if (ownership is OwnsAll)
        {
            return new LaneTerm(new StopSignals(stopped, stoppedAtOnce), ended: null, givenUp: null);
        }

        // Cancelled and not disposed: an attempt under way still has its tokens.
        var ended = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        var givenUp = CancellationTokenSource.CreateLinkedTokenSource(stoppedAtOnce);
        return new LaneTerm(new StopSignals(ended.Token, givenUp.Token, ownership), ended, givenUp);
    }

    public void End() => _ended?.Cancel();

    public void GiveUp()
    {
        _ended?.Cancel();
        _givenUp?.Cancel();
    }
}
