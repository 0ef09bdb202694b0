using Middleware.Storage.Sql;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The locks of the transaction under way on what all replicas change. They are taken before any row, and in one order: the audit log, keys in order, old events.
/// Else two replicas may wait for each other.
/// </summary>
internal sealed class WriteLocks(ISqlConnection connection)
{
    private bool _hasKeys;

    /// <summary>Takes those that a group is known to need.</summary>
    public void Begin(WriteGroup group)
    {
        _hasKeys = false;
        if (group.Changes.Exists(static change => change.IsAudited))
        {
            connection.LockForTransaction(AuditRows.Part);
        }

        if (group.Outcomes.Exists(static item => item.ChangesKeys))
        {
            TakeKeys();
        }
    }

    /// <inheritdoc cref="IStoreWriter.LockKeys"/>
    public void TakeKeys()
    {
        if (!_hasKeys)
        {
            connection.LockForTransaction("order");
            _hasKeys = true;
        }
    }
}
