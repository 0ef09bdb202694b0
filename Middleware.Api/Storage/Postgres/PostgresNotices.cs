using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The notices of other replicas that endpoints or keys have changed. A lost one costs a second. Used by one loop.</summary>
internal sealed partial class PostgresNotices(NpgsqlDataSource source, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    /// <summary>The channel of the notices.</summary>
    public const string Channel = "aspire_integration_changes";

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private NpgsqlConnection? _connection;
    private Task _listening = Task.CompletedTask;

    /// <summary>Completes after a notice, or after <see cref="Interval"/>.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_connection is null)
            {
                // What came before is looked for now.
                _listening = ListenAsync();
                await _listening.WaitAsync(cancellationToken);
            }
            else
            {
                await _connection.WaitAsync(Interval, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            await DisposeAsync();
            NotListening(exception.Message);
            await Task.Delay(Interval, clock, cancellationToken);
        }
    }

    /// <summary>Closes the connection when nothing is under way on it any more: it is not for two at once. One that does not answer is left to the end of the process.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(_listening, Task.Delay(BesideTheWriter.Longest, clock));
        if (_listening.IsCompleted && Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task ListenAsync()
    {
        _connection = await source.OpenConnectionAsync(CancellationToken.None);
        await using var listen = new NpgsqlCommand($"LISTEN {Channel}", _connection);
        await listen.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Debug, "notices of other replicas cannot be received at the moment")]
    private partial void NotListening(string error);
}
