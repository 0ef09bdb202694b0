using System.Net.Sockets;

namespace Bench.Net;

/// <summary>Waits on many sockets from one thread. A socket is known by its slot, a small number.</summary>
internal interface IPoller
{
    /// <summary>Puts a socket into a slot, to be reported when it can be read, and when it can be written if that is wanted too.</summary>
    void Watch(int slot, Socket socket, bool write);

    /// <summary>Empties a slot.</summary>
    void Forget(int slot);

    /// <summary>Waits at most so long (microseconds) and puts the slots that are ready into <paramref name="ready"/>; answers how many.</summary>
    int Wait(long microseconds, Span<int> ready);
}

/// <summary>Makes the poller that fits the operating system.</summary>
internal static class Poller
{
    public static IPoller Create(int slots) => OperatingSystem.IsLinux() ? new LinuxPoller(slots) : new SelectPoller(slots);
}
