using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Tests.Middleware.Storage;

namespace Tests.Middleware;

/// <summary>SQL over a connection of its own to a store's file, or to the database that stands for it.</summary>
internal static partial class StoreSql
{
    public static DbConnection Open(string file) => StoreFolder.TryOpen(Path.GetDirectoryName(file)!) ?? OpenFile(file);

    public static SqliteConnection OpenFile(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Executes it and gives the rows that it changed. Parameters are @name.</summary>
    public static int Execute(string file, string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = Open(file);
        using var command = Command(connection, sql);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command.ExecuteNonQuery();
    }

    public static long Number(string file, string sql)
    {
        using var connection = Open(file);
        return Number(connection, sql);
    }

    public static long Number(DbConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), null);
    }

    public static List<string> Texts(string file, string sql)
    {
        using var connection = Open(file);
        return Texts(connection, sql);
    }

    public static List<string> Texts(DbConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        using var rows = command.ExecuteReader();
        var texts = new List<string>();
        while (rows.Read())
        {
            texts.Add(rows.GetString(0));
        }

        return texts;
    }

    private static DbCommand Command(DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = connection is SqliteConnection ? sql : AsBlob().Replace(Bytes().Replace(sql, "'\\x$1'::bytea"), "blob($1)");
#pragma warning restore CA2100
        return command;
    }

    [GeneratedRegex("x'([0-9a-f]*)'")]
    private static partial Regex Bytes();

    [GeneratedRegex(@"CAST\((\S+) AS BLOB\)")]
    private static partial Regex AsBlob();
}
