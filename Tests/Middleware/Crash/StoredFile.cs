using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Tests.Middleware.Storage;

namespace Tests.Middleware.Crash;

/// <summary>The content of a store's file, read beside the program.</summary>
internal sealed record StoredFile(
    IReadOnlySet<string> Events, IReadOnlySet<string> Pending, IReadOnlyDictionary<string, long> Delivered, IReadOnlySet<string> Dead, long FailedAttempts)
{
    public static string PathIn(string folder) => Path.Combine(folder, "events.db");

    /// <summary>Reads a copy, so that the next start finds the file as the kill left it.</summary>
    public static StoredFile ReadCopy(string folder)
    {
        using var copy = Copy(folder);
        return Read(copy.Path);
    }

    /// <summary>Copies the file of a service that was killed, with its log.</summary>
    public static StoreFolder Copy(string folder)
    {
        var copies = new StoreFolder(StoreFolder.DatabaseOf(folder));
        foreach (var file in (string[])["events.db", "events.db-wal"])
        {
            if (File.Exists(Path.Combine(folder, file)))
            {
                File.Copy(Path.Combine(folder, file), Path.Combine(copies.Path, file));
            }
        }

        return copies;
    }

    public static StoredFile Read(string folder)
    {
        using var connection = StoreSql.Open(PathIn(folder));
        if (connection is SqliteConnection)
        {
            Assert.Equal("ok", StoreSql.Texts(connection, "PRAGMA integrity_check").Single());
        }

        return new StoredFile(
            StoreSql.Texts(connection, "SELECT lower(hex(id)) FROM events").ToHashSet(),
            StoreSql.Texts(connection, "SELECT lower(hex(e.id)) FROM pending p JOIN events e ON e.seq = COALESCE(p.event, p.seq)").ToHashSet(),
            StoreSql.Texts(connection, "SELECT lower(hex(e.id)) FROM attempts a JOIN events e ON e.seq = a.seq WHERE a.reason IS NULL")
                .CountBy(static id => id).ToDictionary(static pair => pair.Key, static pair => (long)pair.Value),
            StoreSql.Texts(connection, "SELECT lower(hex(e.id)) FROM dead_letters d JOIN events e ON e.seq = d.event").ToHashSet(),
            StoreSql.Number(connection, "SELECT COUNT(*) FROM attempts WHERE reason IS NOT NULL"));
    }

    /// <summary>Every accepted event has ended, exactly once.</summary>
    public void AssertAllEnded(IEnumerable<string> accepted)
    {
        Assert.Empty(Pending);
        Assert.All(accepted, id => Assert.True(Events.Contains(id), $"{id} was accepted and is not stored"));
        Assert.All(Events, id => Assert.Equal(1, Delivered.GetValueOrDefault(id) + (Dead.Contains(id) ? 1 : 0)));
    }

    /// <summary>A number of a copy, so that the next start finds the file as the kill left it.</summary>
    public static long ReadCopyNumber(string folder, string sql)
    {
        using var copy = Copy(folder);
        return Number(copy.Path, sql);
    }

    public static long Number(string folder, string sql) => StoreSql.Number(PathIn(folder), sql);

    /// <summary>The version, the schema and all rows in short: the same for two files only if all of it is.</summary>
    public static string Digest(string folder)
    {
        using var connection = StoreSql.OpenFile(PathIn(folder));
        Assert.Equal("ok", StoreSql.Texts(connection, "PRAGMA integrity_check").Single());
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var table in StoreSql.Texts(connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        {
            Add(connection, $"SELECT '{table}', * FROM {table}", hash);
        }

        Add(connection, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name", hash);
        return $"{StoreSql.Number(connection, "PRAGMA user_version")} {Convert.ToHexString(hash.GetHashAndReset())}";
    }

    public static void Execute(string folder, string sql) => StoreSql.Execute(PathIn(folder), sql);

    private static void Add(SqliteConnection connection, string sql, IncrementalHash hash)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            for (var column = 0; column < rows.FieldCount; column++)
            {
                var value = rows.GetValue(column);
                hash.AppendData(value as byte[] ?? Encoding.UTF8.GetBytes($"{value}|"));
            }
        }
    }
}
