using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Bench.Report;

/// <summary>The line above every table: where and when it was measured.</summary>
internal static class Machine
{
    private const int Flushes = 200;

    public static string Describe(string folder) => string.Create(CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC; a flush of 4 KiB to this disk takes {FlushMicroseconds(folder):0} µs (median of {Flushes})");

    /// <summary>The median of flushes of 4 KiB to the disk of a folder.</summary>
    public static double FlushMicroseconds(string folder)
    {
        var block = new byte[4096];
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"flush-{Environment.ProcessId}"));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        var took = new double[Flushes];
        for (var n = 0; n < Flushes; n++)
        {
            var start = Stopwatch.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            took[n] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return took.Order().ElementAt(Flushes / 2);
    }
}
