using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The failures and durations of the attempts of the last 5 minutes. Counted in slots of 20 s, of which the current one is the last; at most
/// some 10 KB, however many there are.
/// </summary>
internal sealed class RecentTries(TimeProvider clock)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan SlotLength = Window / Slots;

    private const int Slots = 15;

    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();

    // Of each slot with an attempt: an endpoint that is sent nothing holds nothing.
    private int[]?[] _byDuration = [];
    private readonly int[] _failures = new int[Slots];
    private long _slot;
    private long _failuresInARow;
    private long _changes;

    /// <summary>Differs when <see cref="Read"/> may: after an attempt, and when old ones have left the window.</summary>
    public TriesStamp Stamp
    {
        get
        {
            lock (_gate)
            {
                return new TriesStamp(_changes, _byDuration is [] ? 0 : SlotOfNow());
            }
        }
    }

    public void Note(Attempt attempt)
    {
        var step = DurationScale.StepOf(attempt.Duration);
        var now = SlotOfNow();
        lock (_gate)
        {
            _byDuration = _byDuration is [] ? new int[Slots][] : _byDuration;
            MoveOn(now);
            var slot = (int)(_slot % Slots);
            (_byDuration[slot] ??= new int[DurationScale.Steps])[step]++;
            _changes++;
            if (attempt.Reason is null)
            {
                _failuresInARow = 0;
            }
            else
            {
                _failures[slot]++;
                _failuresInARow++;
            }
        }
    }

    public TrySummary Read()
    {
        Span<long> byDuration = stackalloc long[DurationScale.Steps];
        var (tries, failures) = (0L, 0L);
        lock (_gate)
        {
            MoveOn(SlotOfNow());
            foreach (var slot in _byDuration.OfType<int[]>())
            {
                for (var step = 0; step < slot.Length; step++)
                {
                    byDuration[step] += slot[step];
                    tries += slot[step];
                }
            }

            foreach (var failed in _failures)
            {
                failures += failed;
            }

            return new TrySummary(tries, failures, _failuresInARow, P95Of(byDuration, tries));
        }
    }

    /// <summary>Starts over, for another receiver.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Array.Clear(_byDuration);
            Array.Clear(_failures);
            _failuresInARow = 0;
            _changes++;
        }
    }

    /// <summary>The end of the step with the attempt that 95 of 100 do not exceed (nearest rank).</summary>
    private static TimeSpan? P95Of(ReadOnlySpan<long> byDuration, long tries)
    {
        var left = ((tries * 95) + 99) / 100;
        for (var step = 0; step < byDuration.Length; step++)
        {
            left -= byDuration[step];
            if (left <= 0 && tries > 0)
            {
                return DurationScale.EndOf(step);
            }
        }

        return null;
    }

    private long SlotOfNow() => clock.GetElapsedTime(_start).Ticks / SlotLength.Ticks;

    private void MoveOn(long now)
    {
        for (var next = Math.Max(_slot + 1, now - Slots + 1); next <= now; next++)
        {
            var slot = (int)(next % Slots);
            if (_byDuration is not [])
            {
                _byDuration[slot] = null;
            }

            _failures[slot] = 0;
        }

        // A caller that read the clock before another may come after it.
        _slot = Math.Max(_slot, now);
    }
}

/// <summary>A state of the recent attempts, to compare with another.</summary>
internal readonly record struct TriesStamp(long Changes, long Slot);
