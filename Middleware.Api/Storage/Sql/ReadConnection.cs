using System.Data.Common;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>A connection for reads, opened at the first and used by one caller at a time.</summary>
internal sealed class ReadConnection(Func<ISqlConnection> open) : IDisposable
{
    private readonly Lock _gate = new();
    private ISqlConnection? _connection;

    public T Read<T>(Func<ISqlConnection, T> read)
    {
        lock (_gate)
        {
            return OrUnavailable(() => read(_connection ??= open()));
        }
    }

    /// <summary>Reads, and throws <see cref="StoreUnavailableException"/> for an error of the database.</summary>
    public static T OrUnavailable<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DbException exception)
        {
            throw new StoreUnavailableException($"The store cannot be read at the moment: {exception.Message}", exception);
        }
    }

    public void Dispose() => _connection?.Dispose();
}
