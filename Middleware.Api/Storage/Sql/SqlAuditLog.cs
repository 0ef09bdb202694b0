using Middleware.Audit;

namespace Middleware.Storage.Sql;

/// <summary>The audit log in the store's file.</summary>
internal sealed class SqlAuditLog(SqlEventStore store) : IAuditLog, IDisposable
{
    private readonly ReadConnection _reads = new(store.OpenReader);

    public AuditHead Head => _reads.Read(AuditRows.Head);

    public IReadOnlyList<AuditedRow> Read(AuditQuery query, long before, int limit) => _reads.Read(connection => AuditRows.Read(connection, query, before, limit));

    public Task<bool> PurgeAsync(DateTimeOffset before) => store.ChangeAsync(isAudited: true, transaction => AuditRows.Purge(transaction, store.Keys, before));

    public void Dispose() => _reads.Dispose();
}
