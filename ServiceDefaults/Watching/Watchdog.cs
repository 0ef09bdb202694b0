using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Watching;

/// <summary>
/// Pings the watchdog of systemd (<c>WatchdogSec=</c>) three times in its time, on the thread pool, after a sign of life of each part. A service
/// that hangs pings no more, and systemd starts it again.
/// </summary>
internal sealed partial class Watchdog(IEnumerable<WatchedPart> parts, TimeProvider clock, ILogger<Watchdog> logger, ISystemdNotifier? notifier = null) : IAsyncDisposable
{
    private const string Time = "WATCHDOG_USEC";
    private const string Process = "WATCHDOG_PID";
    private const int PingsInItsTime = 3;

    private static readonly ServiceState Ping = new("WATCHDOG=1");

    private readonly CancellationTokenSource _ended = new();
    private Task _pings = Task.CompletedTask;

    /// <summary>Starts it where systemd asks this process for pings; null elsewhere. It pings until it is disposed of, also during the stop.</summary>
    public static Watchdog? StartIn(IServiceProvider services)
    {
        if (TimeOf(Environment.GetEnvironmentVariable) is not { } time)
        {
            return null;
        }

        var watchdog = services.GetRequiredService<Watchdog>();
        watchdog.Start(time);
        return watchdog;
    }

    /// <summary>The time between two pings at the most, as the environment has it; null where nobody waits for pings of this process.</summary>
    public static TimeSpan? TimeOf(Func<string, string?> variable) =>
        long.TryParse(variable(Time), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
        && microseconds is > 0 and <= uint.MaxValue * 1_000L
        && (variable(Process) is not { Length: > 0 } process || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    /// <summary>Begins to ping, the first time at once.</summary>
    public void Start(TimeSpan time) => _pings = Task.Run(() => PingAsync(time / PingsInItsTime, _ended.Token));

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _pings.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PingAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            foreach (var part in parts)
            {
                await AnswerOfAsync(part, interval, cancellationToken);
            }

            Notify();
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Waits for as long as it takes: without an answer there is no ping.</summary>
    private async Task AnswerOfAsync(WatchedPart part, TimeSpan patience, CancellationToken cancellationToken)
    {
        var answer = part.PingAsync();
        try
        {
            await answer.WaitAsync(patience, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            Silent(part.Name);
            await answer.WaitAsync(cancellationToken);
        }
    }

    private void Notify()
    {
        try
        {
            notifier?.Notify(Ping);
        }
        catch (SocketException exception)
        {
            // systemd executes itself anew, as on its upgrade: the next ping gets through.
            NotPinged(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Critical, "a part of the service does not answer: systemd will restart the service")]
    private partial void Silent(string part);

    [LoggerMessage(LogLevel.Warning, "the watchdog was not pinged")]
    private partial void NotPinged(string error);
}
