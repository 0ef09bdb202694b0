using System.Globalization;
using Tests.Supply;

namespace Tests.Chaos;

/// <summary>A library that shifts the wall clock of a process into which it is loaded. Its monotonic clock and its timers stay as they are.</summary>
internal static class ShiftedClock
{
    private const string Compiler = "/usr/bin/cc";
    private const string Variable = "SHIFTED_SECONDS";

    private const string Source = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static long shift;

        __attribute__((constructor)) static void begin(void) {
          const char *seconds = getenv("SHIFTED_SECONDS");
          shift = seconds ? atol(seconds) : 0;
        }

        int clock_gettime(clockid_t id, struct timespec *at) {
          int result = (int)syscall(SYS_clock_gettime, id, at);
          if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += shift;
          return result;
        }

        int gettimeofday(struct timeval *restrict at, void *restrict zone) {
          struct timespec now;
          (void)zone;
          clock_gettime(CLOCK_REALTIME, &now);
          at->tv_sec = now.tv_sec;
          at->tv_usec = now.tv_nsec / 1000;
          return 0;
        }

        time_t time(time_t *at) {
          struct timespec now;
          clock_gettime(CLOCK_REALTIME, &now);
          if (at) *at = now.tv_sec;
          return now.tv_sec;
        }
        """;

    private static readonly Lazy<Task<string>> Library = new(CompileAsync);

    /// <summary>True where it can be made: by a compiler of C, on Linux.</summary>
    public static bool IsThere { get; } = OperatingSystem.IsLinux() && File.Exists(Compiler);

    /// <summary>The settings of a service whose clock is to be ahead by so much, or behind.</summary>
    public static async Task<string[]> SettingsAsync(TimeSpan ahead) => ahead == TimeSpan.Zero
        ? []
        : [$"LD_PRELOAD={await Library.Value}", string.Create(CultureInfo.InvariantCulture, $"{Variable}={ahead.TotalSeconds}")];

    private static async Task<string> CompileAsync()
    {
        // It is loaded by services that this process starts, and goes with it.
        var folder = Directory.CreateTempSubdirectory("aspire-integration-clock-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(Path.Combine(folder, "clock.c"), Source, Waiting.Cancellation);
        var (exitCode, output) = await Command.RunAsync(folder, Compiler, ["-shared", "-fPIC", "-O2", "-o", "clock.so", "clock.c"]);
        return exitCode == 0 ? Path.Combine(folder, "clock.so") : throw new InvalidOperationException(output);
    }
}
