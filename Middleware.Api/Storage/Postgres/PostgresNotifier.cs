using Middleware.Telemetry;
using Npgsql;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Postgres;

/// <summary>
/// Notifies the other replicas that there is something for them, at most every 10 ms. In the commit itself a notification would hold up the commits of all; a
/// lost one costs the time until they ask by themselves.
/// </summary>
/// <param name="source">The source of its connection.</param>
/// <param name="channel">The channel.</param>
/// <param name="what">What a notification says; null for nothing.</param>
/// <param name="defects">Counts the failures of its own.</param>
/// <param name="clock">The clock of the pauses.</param>
/// <param name="logger">The log.</param>
internal sealed partial class PostgresNotifier(NpgsqlDataSource source, string channel, Func<string>? what, Defects defects, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause after a notification, in times of that. Each wakes all sessions that listen, and has each replica read: more than a small group of events costs.</summary>
    private const int PausePerNotice = 128;

    private readonly SemaphoreSlim _wanted = new(0, 1);
    private readonly CancellationTokenSource _stopped = new();
    private Task _notifying = Task.CompletedTask;

    public void Start() => _notifying = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Asks for a notification; returns at once.</summary>
    public void Notify()
    {
        lock (_wanted)
        {
            if (_wanted.CurrentCount == 0)
            {
                _wanted.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _notifying.WhenEndedAsync(clock);
    }

    private async Task RunAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await _wanted.WaitAsync(_stopped.Token);
                await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
                while (true)
                {
                    var began = clock.GetTimestamp();
                    await NotifyAsync(connection);
                    await Task.Delay(PauseAfter(clock.GetElapsedTime(began)), clock, _stopped.Token);
                    await _wanted.WaitAsync(_stopped.Token);
                }
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (BesideTheWriter.IsOfTheDatabase(exception))
            {
                // The others ask by themselves.
                NotNotified(exception.Message);
            }
            catch (Exception exception)
            {
                defects.Note("replicas", exception);
            }
        }
    }

    /// <summary>The pause after a notification that took so long: a busy server answers late, and is spared the longer.</summary>
    public static TimeSpan PauseAfter(TimeSpan took) =>
        Duration.RoundUp(TimeSpan.FromTicks(Math.Clamp(took.Ticks * PausePerNotice, LeastPause.Ticks, LongestPause.Ticks)));

    private async Task NotifyAsync(NpgsqlConnection connection)
    {
        // Its transaction writes nothing before its commit, so the server does not wait for a flush.
        await using var notify = new NpgsqlCommand("SELECT pg_notify($1, $2)", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = channel }, new NpgsqlParameter<string> { TypedValue = what?.Invoke() ?? "" } },
        };
        await notify.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Debug, "the other replicas could not be notified")]
    private partial void NotNotified(string error);
}
