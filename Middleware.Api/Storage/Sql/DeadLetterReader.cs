namespace Middleware.Storage.Sql;

/// <summary>Reads dead letters over a connection of its own.</summary>
internal sealed class DeadLetterReader(ISqlConnection connection) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqlStatement _isDue = connection.Prepare("SELECT EXISTS (SELECT 1 FROM dead_letters WHERE next_retry_at <= ?1 AND state = 0)");

    public bool IsAnyDue(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _isDue.Bind(1, StoredTime.From(now)).Scalar() == 1;
        }
    }

    public void Dispose()
    {
        _isDue.Dispose();
        connection.Dispose();
    }
}
