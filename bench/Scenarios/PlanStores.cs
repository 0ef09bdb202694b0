using Bench.Capacity;
using Tests.Middleware.Storage.Postgres;

namespace Bench.Scenarios;

/// <summary>The stores of a calibration: for each load a file of its own, or a database on a server of its own.</summary>
internal sealed class PlanStores(TestBed bed, PlannedStore kind) : IAsyncDisposable
{
    private readonly PostgresRun _servers = new();

    public async Task<PlanStore> NewAsync()
    {
        if (kind == PlannedStore.Sqlite)
        {
            return new PlanStore(bed.NewFolder(), null);
        }

        return new PlanStore("", await PostgresDatabase.CreateAsync(await _servers.StartServerAsync()));
    }

    public ValueTask DisposeAsync() => _servers.DisposeAsync();
}

/// <summary>The store of one load.</summary>
internal sealed class PlanStore(string folder, PostgresDatabase? database) : IAsyncDisposable
{
    private const string Tables = "SELECT relid FROM pg_partition_tree('events') UNION ALL SELECT relid FROM pg_partition_tree('attempts')";

    public Dictionary<string, string> Settings { get; } =
        database is null ? new() { ["DATA_DIR"] = folder } : new() { ["ConnectionStrings__events"] = database.ConnectionString() };

    public TimeSpan ServerCpu => database is null ? TimeSpan.Zero : Processes.ServerCpu.Of(database.Server);

    /// <summary>Bytes of the events and attempts. Of SQLite those of the whole file, which has all once the service has ended.</summary>
    public async Task<double> KeptBytesAsync() => database is null
        ? new FileInfo(Path.Combine(folder, "events.db")).Length
        : (double)await database.ScalarAsync<decimal>($"SELECT sum(pg_total_relation_size(relid)) FROM ({Tables}) AS kept");

    /// <summary>Bytes that were written: by the service with SQLite, else to the server's log and the tables.</summary>
    public async Task<double> WrittenBytesAsync(ServiceProcess service) => database is null
        ? service.WrittenBytes
        : (double)await database.ScalarAsync<decimal>("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn") + await KeptBytesAsync();

    public ValueTask DisposeAsync() => database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
