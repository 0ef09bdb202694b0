using System.Data.Common;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>
/// The connection over which the history is read, one caller after the other. All readers together take no more than a core from accepting and
/// delivering. Each read sees one state of the store and is short, so that it holds up no checkpoint. It is opened at the first.
/// </summary>
internal sealed class HistoryReader(Func<ISqlConnection> open) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private ISqlConnection? _connection;

    /// <summary>May throw <see cref="StoreUnavailableException"/>.</summary>
    public async Task<T> ReadAsync<T>(Func<ISqlConnection, T> read, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _connection ??= open();
            using var snapshot = _connection.BeginSnapshot();
            return read(_connection);
        }
        catch (DbException exception)
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
