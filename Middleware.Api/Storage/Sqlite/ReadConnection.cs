using Microsoft.Data.Sqlite;
using Middleware.Events;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>A connection for reads, opened at the first and used by one caller at a time.</summary>
internal sealed class ReadConnection(Func<StoreFile> file) : IDisposable
{
    private readonly Lock _gate = new();
    private SqliteConnection? _connection;

    public T Read<T>(Func<sqlite3, T> read)
    {
        lock (_gate)
        {
            try
            {
                _connection ??= file().OpenReader();
                return read(_connection.Handle!);
            }
            catch (SqliteException exception)
            {
                throw new StoreUnavailableException($"The store cannot be read at the moment: {exception.Message}", exception);
            }
        }
    }

    public void Dispose() => _connection?.Dispose();
}
