using System.Globalization;
using Middleware.Telemetry;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The upkeep of the database beside its own. Pending rows live for milliseconds, so their table is vacuumed often. Old groups and empty partitions go. It has
/// a connection of its own, which waits for no lock for long: it holds up no commit.
/// </summary>
internal sealed partial class PostgresMaintenance(NpgsqlDataSource source, PostgresWriter writer, Func<bool> isFirst, Defects defects, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PartitionsInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan KeptGroups = TimeSpan.FromMinutes(5);

    /// <summary>The time for which every group is kept, whatever replica removes those before it.</summary>
    public static readonly TimeSpan SurelyKept = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan OldSnapshot = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stopped = new();
    private Task _running = Task.CompletedTask;
    private DateTimeOffset _partitionsAt;
    private DateTimeOffset _warnedAt;

    public void Start() => _running = Task.Run(
        () => BesideTheWriter.RepeatAsync(Interval, () => isFirst() ? KeepAsync() : Task.CompletedTask, Failed, defects, clock, _stopped.Token), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _running.WhenEndedAsync(clock);
    }

    private async Task KeepAsync()
    {
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        await ExecuteAsync(connection, "SET lock_timeout = '1s'");
        await ExecuteAsync(connection, "VACUUM pending, held");

        // The newest of each stream says where its numbers go on.
        var now = writer.Now;
        await ExecuteAsync(
            connection,
            string.Create(
                CultureInfo.InvariantCulture,
                $"DELETE FROM commits c WHERE c.number < {PostgresClock.FirstAt(now - KeptGroups)} AND c.number < (SELECT max(number) FROM commits m WHERE m.stream = c.stream)"));
        await WarnOfOldSnapshotsAsync(connection, now);
        if (now - _partitionsAt > PartitionsInterval)
        {
            await DropEmptyPartitionsAsync(connection, now);
            await ExecuteAsync(connection, "DELETE FROM shard_state s WHERE NOT EXISTS (SELECT 1 FROM registrations r WHERE r.endpoint = s.endpoint)");
            _partitionsAt = now;
        }

        await ExecuteAsync(connection, "RESET lock_timeout");
    }

    /// <summary>Drops the partitions of days from which all events are purged.</summary>
    private async Task DropEmptyPartitionsAsync(NpgsqlConnection connection, DateTimeOffset now)
    {
        foreach (var name in await PostgresPartitions.OfBeforeAsync(connection, now.AddDays(-1)))
        {
            await using var any = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM {name})", connection);
            if (await any.ExecuteScalarAsync(CancellationToken.None) is false)
            {
                await ExecuteAsync(connection, $"ALTER TABLE {PostgresPartitions.TableOf(name)} DETACH PARTITION {name} CONCURRENTLY");
                await ExecuteAsync(connection, $"DROP TABLE {name}");
                Dropped(name);
            }
        }
    }

    /// <summary>Warns of a transaction that reads an old state: no row that was deleted since can be removed, and reads of pending rows grow slow.</summary>
    private async Task WarnOfOldSnapshotsAsync(NpgsqlConnection connection, DateTimeOffset now)
    {
        await using var find = new NpgsqlCommand(
            $"""
            SELECT pid, application_name FROM pg_stat_activity
            WHERE datname = current_database() AND backend_xmin IS NOT NULL AND xact_start < clock_timestamp() - interval '{(int)OldSnapshot.TotalSeconds} seconds' ORDER BY xact_start LIMIT 1
            """,
            connection);
        await using var reader = await find.ExecuteReaderAsync(CancellationToken.None);
        if (await reader.ReadAsync(CancellationToken.None) && now - _warnedAt > BetweenWarnings)
        {
            SnapshotIsOld(reader.GetInt32(0), reader.GetString(1));
            _warnedAt = now;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Debug, "the upkeep of the database failed, trying again in seconds")]
    private partial void Failed(string error);

    [LoggerMessage(LogLevel.Information, "partition dropped: nothing was left in it")]
    private partial void Dropped(string partition);

    [LoggerMessage(LogLevel.Warning, "a transaction has read from the database for more than a minute: rows that were deleted since cannot be removed")]
    private partial void SnapshotIsOld(int process, string application);
}
