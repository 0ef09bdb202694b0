using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The connection over which the history is read, one caller after the other. All readers together take no more than a core from accepting and
/// delivering. Each read sees one state of the store and is short, so that it holds up no checkpoint.
/// </summary>
internal sealed class HistoryReader(StoreFile file) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SqliteConnection _connection = file.OpenReader();

    public async Task<T> ReadAsync<T>(Func<sqlite3, T> read, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            using var snapshot = _connection.BeginTransaction(deferred: true);
            return read(_connection.Handle!);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _turn.Dispose();
    }
}
