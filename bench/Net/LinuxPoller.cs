using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Bench.Net;

/// <summary><c>ppoll(2)</c>: one system call for all sockets, no allocation, time-outs finer than a millisecond.</summary>
internal sealed partial class LinuxPoller : IPoller
{
    private const short PollIn = 1;
    private const short PollOut = 4;
    private const int Interrupted = 4;

    private readonly PollFd[] _slots;

    // Behind the last socket: the system call costs by the slots it is given.
    private int _end;

    public LinuxPoller(int slots)
    {
        _slots = new PollFd[slots];
        Array.Fill(_slots, new PollFd { Fd = -1 });
    }

    public void Watch(int slot, Socket socket, bool write)
    {
        _slots[slot] = new PollFd { Fd = (int)socket.Handle, Events = (short)(write ? PollIn | PollOut : PollIn) };
        _end = Math.Max(_end, slot + 1);
    }

    public void Forget(int slot) => _slots[slot].Fd = -1;

    public unsafe int Wait(long microseconds, Span<int> ready)
    {
        var timeout = new TimeSpec { Seconds = (nint)(microseconds / 1_000_000), Nanoseconds = (nint)(microseconds % 1_000_000 * 1_000) };
        int found;
        fixed (PollFd* slots = _slots)
        {
            found = PPoll(slots, (nuint)_end, &timeout, 0);
        }

        if (found < 0 && Marshal.GetLastPInvokeError() is var error && error != Interrupted)
        {
            throw new BenchException($"ppoll failed with errno {error}");
        }

        var count = 0;
        for (var slot = 0; count < found && slot < _end; slot++)
        {
            // Errors and hang-ups count as ready too: the read then says what happened.
            if (_slots[slot].Returned != 0 && _slots[slot].Fd >= 0)
            {
                ready[count++] = slot;
            }
        }

        return count;
    }

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static unsafe partial int PPoll(PollFd* slots, nuint count, TimeSpec* timeout, nint signalMask);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
