using Microsoft.Data.Sqlite;
using Middleware.Events;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The connection over which the history is read, one caller after the other. All readers together take no more than a core from accepting and
/// delivering. Each read sees one state of the store and is short, so that it holds up no checkpoint. It is opened at the first.
/// </summary>
internal sealed class HistoryReader(Func<StoreFile> file) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private SqliteConnection? _connection;

    /// <summary>May throw <see cref="StoreUnavailableException"/>.</summary>
    public async Task<T> ReadAsync<T>(Func<sqlite3, T> read, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _connection ??= file().OpenReader();
            using var snapshot = _connection.BeginTransaction(deferred: true);
            return read(_connection.Handle!);
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException($"The store cannot be read at the moment: {exception.Message}", exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _turn.Dispose();
    }
}
