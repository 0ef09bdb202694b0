using Microsoft.Data.Sqlite;

namespace Middleware.Storage.Sqlite;

/// <summary>Reads dead letters over a connection of its own.</summary>
internal sealed class DeadLetterReader(StoreFile file) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection = file.OpenReader();

    public bool IsAnyDue(DateTimeOffset now)
    {
        lock (_gate)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT EXISTS (SELECT 1 FROM dead_letters WHERE next_retry_at <= $now AND state = 0)";
            command.Parameters.AddWithValue("$now", StoredTime.From(now));
            return (long)command.ExecuteScalar()! == 1;
        }
    }

    public void Dispose() => _connection.Dispose();
}
