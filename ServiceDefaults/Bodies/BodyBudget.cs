using ServiceDefaults.Settings;

namespace ServiceDefaults.Bodies;

/// <summary>The room that request bodies may take in the process at once, in bytes as they came or were decoded.</summary>
public sealed class BodyBudget(long most) : ByteBudget(most)
{
    private const int Least = 32 << 20;
    private const int LeastByDefault = 64 << 20;
    private const int MostByDefault = 1 << 30;

    // A body is also copied and parsed while it is held: a sixteenth of the memory is about a quarter of it then.
    private const int ShareOfMemory = 16;

    /// <summary>Reads <c>MAX_BODY_BYTES_IN_FLIGHT</c>; the default is a sixteenth of the memory that the process may have, from 64 MiB to 1 GiB.</summary>
    public static BodyBudget Read(SettingsReader settings) => new(settings.Whole("MAX_BODY_BYTES_IN_FLIGHT", DefaultOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), Least, int.MaxValue));

    internal static int DefaultOf(long availableBytes) => (int)Math.Clamp(availableBytes / ShareOfMemory, LeastByDefault, MostByDefault);
}

/// <summary>A number of bytes of memory that many requests share.</summary>
public abstract class ByteBudget(long most)
{
    private long _taken;

    /// <summary>False when there is no such room.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    /// <summary>Frees room that was taken.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
