using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>
/// Notifies the other replicas that there is something for them, at most every 10 ms. In the commit itself a notification would hold up the commits of all; a
/// lost one costs the time until they ask by themselves.
/// </summary>
internal sealed partial class PostgresNotifier(NpgsqlDataSource source, string channel, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

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
                await using var notify = new NpgsqlBatch(connection)
                {
                    BatchCommands = { new NpgsqlBatchCommand("SET LOCAL synchronous_commit = off"), new NpgsqlBatchCommand($"NOTIFY {channel}") },
                };
                await notify.ExecuteNonQueryAsync(CancellationToken.None);
                await Task.Delay(Pause, clock, _stopped.Token);
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                // The others ask by themselves.
                NotNotified(exception.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "the other replicas could not be notified")]
    private partial void NotNotified(string error);
}
