using System.Numerics;

namespace Middleware.Delivering;

/// <summary>
/// A logarithmic scale of durations: steps of 1/16 ms up to 1/2 ms, then eight to each doubling. A step ends at most an eighth above its durations.
/// The last step takes everything longer than 8 min 44 s.
/// </summary>
internal static class DurationScale
{
    public const int Steps = 168;

    private const long UnitTicks = TimeSpan.TicksPerMillisecond / 16;
    private const int StepBits = 3;
    private const int PerDoubling = 1 << StepBits;
    private const long LastUnit = (1 << 23) - 1;

    /// <summary>The step of a duration. A step includes its end: whole milliseconds up to 16 are exact.</summary>
    public static int StepOf(TimeSpan duration)
    {
        var unit = Math.Clamp((duration.Ticks - 1) / UnitTicks, 0, LastUnit);
        var shift = Math.Max(0, BitOperations.Log2((ulong)unit) - StepBits);
        return (int)((unit >> shift) + (shift * PerDoubling));
    }

    /// <summary>The longest duration of a step.</summary>
    public static TimeSpan EndOf(int step)
    {
        var shift = Math.Max(0, (step / PerDoubling) - 1);
        return TimeSpan.FromTicks((step - (shift * PerDoubling) + 1L) * (1L << shift) * UnitTicks);
    }
}
