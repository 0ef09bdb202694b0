using System.Globalization;
using static System.FormattableString;

namespace Bench.Report;

/// <summary>The share of the machine that other processes used during a run; Linux only. A run among busy neighbours says little, and its report says so.</summary>
internal sealed class Neighbours
{
    private const double Quiet = 0.1;
    private const double TicksPerSecond = 100;

    private readonly (double Busy, double All) _machine = Machine();
    private readonly double _own = Own();

    /// <summary>A note for the report, once every child process has ended; none where the share is not known.</summary>
    public IEnumerable<string> Describe()
    {
        var (busy, all) = Machine();
        if (all > _machine.All)
        {
            var share = Math.Max(0, (busy - _machine.Busy - (Own() - _own)) / (all - _machine.All));
            yield return Invariant($"other processes used {share:0%} of the machine meanwhile{(share > Quiet ? ": NOISY, trust no single figure" : "")}");
        }
    }

    /// <summary>Seconds of all cores: at work (or taken by another virtual machine), and in all.</summary>
    private static (double Busy, double All) Machine()
    {
        if (!OperatingSystem.IsLinux())
        {
            return default;
        }

        // cpu  user nice system idle iowait irq softirq steal ...
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(Seconds).ToArray();
        return (fields.Sum() - fields[3] - fields[4], fields.Sum());
    }

    /// <summary>Seconds of this process and of the children that have ended.</summary>
    private static double Own()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        // utime stime cutime cstime are fields 14 to 17; the name before them may hold spaces.
        var stat = File.ReadAllText("/proc/self/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ').Skip(11).Take(4).Sum(Seconds);
    }

    private static double Seconds(string ticks) => double.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond;
}
