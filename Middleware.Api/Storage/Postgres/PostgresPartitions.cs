using System.Globalization;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The partitions of events and attempts: one for each day of sequence numbers.</summary>
internal static class PostgresPartitions
{
    /// <summary>The days that have a partition before they begin.</summary>
    private const int DaysAhead = 2;

    private static readonly string[] Tables = ["events", "attempts"];

    /// <summary>Creates the partitions of a day and of those after it, and returns the end of the last.</summary>
    public static DateTimeOffset Ensure(NpgsqlConnection connection, DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        Ensure(connection, Enumerable.Range(0, DaysAhead + 1).Select(days => today.AddDays(days)));
        return today.AddDays(DaysAhead + 1);
    }

    /// <summary>Creates the partitions of days that have none.</summary>
    public static void Ensure(NpgsqlConnection connection, IEnumerable<DateTimeOffset> days)
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, "SELECT pg_advisory_xact_lock(hashtext('aspire-integration.partitions'))");
        foreach (var day in days)
        {
            foreach (var table in Tables)
            {
                Add(connection, table, day);
            }
        }

        transaction.Commit();
    }

    /// <summary>The partitions of days that ended before a time.</summary>
    public static async Task<List<string>> OfBeforeAsync(NpgsqlConnection connection, DateTimeOffset time)
    {
        await using var find = new NpgsqlCommand(
            "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent IN ('events'::regclass, 'attempts'::regclass) ORDER BY 1", connection);
        await using var reader = await find.ExecuteReaderAsync(CancellationToken.None);
        var found = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            var name = reader.GetString(0);
            if (DateTimeOffset.TryParseExact(name[(name.LastIndexOf('_') + 1)..], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) && day.AddDays(1) <= time)
            {
                found.Add(name);
            }
        }

        return found;
    }

    /// <summary>The table of a partition.</summary>
    public static string TableOf(string partition) => partition[..partition.LastIndexOf('_')];

    private static void Add(NpgsqlConnection connection, string table, DateTimeOffset day)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{table}_{day:yyyyMMdd}");
        using var find = new NpgsqlCommand($"SELECT to_regclass('{name}') IS NOT NULL", connection);
        if (find.ExecuteScalar() is true)
        {
            return;
        }

        // A table of its own that is attached: the parent stays open to writers meanwhile.
        Execute(connection, $"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)");
        Execute(connection, string.Create(
            CultureInfo.InvariantCulture,
            $"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({PostgresClock.FirstAt(day)}) TO ({PostgresClock.FirstAt(day.AddDays(1))})"));
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
