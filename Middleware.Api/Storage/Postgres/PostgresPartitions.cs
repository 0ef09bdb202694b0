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
        using var transaction = connection.BeginTransaction();
        Execute(connection, "SELECT pg_advisory_xact_lock(hashtext('aspire-integration.partitions'))");
        for (var day = today; day <= today.AddDays(DaysAhead); day = day.AddDays(1))
        {
            foreach (var table in Tables)
            {
                Add(connection, table, day);
            }
        }

        transaction.Commit();
        return today.AddDays(DaysAhead + 1);
    }

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
