using System.Globalization;
using Tests.Middleware.Storage.Postgres;

namespace Bench.Processes;

/// <summary>The CPU that a PostgreSQL server on Linux has used: its first process, its children, and those of them that have ended.</summary>
internal static class ServerCpu
{
    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, counted from the state.
    private const int Parent = 1;
    private const int Own = 11;
    private const int Ended = 13;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    public static TimeSpan Of(PostgresServer server)
    {
        var first = File.ReadLines(Path.Combine(server.DataFolder, "postmaster.pid")).First();
        var children = Directory.EnumerateDirectories("/proc").Select(TryRead).OfType<string[]>().Where(fields => fields[Parent] == first).Sum(static fields => Ticks(fields, Own));
        var fields = TryRead($"/proc/{first}") ?? throw new InvalidOperationException("The server has ended.");
        return (children + Ticks(fields, Own) + Ticks(fields, Ended)) * Tick;
    }

    private static long Ticks(string[] fields, int first) => Number(fields[first]) + Number(fields[first + 1]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The fields after the name, which may have blanks; null for what is no process, and for one that is gone.</summary>
    private static string[]? TryRead(string folder)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(folder)[0]) && File.ReadAllText(Path.Combine(folder, "stat")) is var text ? text[(text.LastIndexOf(')') + 2)..].Split(' ') : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
