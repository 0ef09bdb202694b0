using System.Data.Common;
using System.Text;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Storage.AtRest;

/// <summary>Texts that must not be in the files of a data folder, or in the rows of the database that stands for it.</summary>
internal static class Canary
{
    /// <summary>Those of the texts that are in the store of a service, once for each file or table.</summary>
    public static List<string> In(MiddlewareService service, params string[] texts) => In(Path.GetDirectoryName(service.DatabasePath)!, texts);

    public static List<string> In(string folder, params string[] texts) => StoreFolder.DatabaseOf(folder) is not null
        ? InDatabaseOf(folder, texts)
        : [.. Files(folder).SelectMany(bytes => texts.Where(text => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0))];

    /// <summary>The contents of all files of a folder, the lock left out.</summary>
    public static IEnumerable<byte[]> Files(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal))
        .Select(Read);

    /// <summary>Those that are in a database of PostgreSQL, once for each table. All columns are looked through; bytes in them are hexadecimal.</summary>
    public static List<string> InRows(DbConnection connection, params string[] texts) =>
        [.. StoreSql.Texts(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").SelectMany(table => texts.Where(text =>
            StoreSql.Number(connection, $"SELECT COUNT(*) FROM {table} t WHERE position('{text}' IN t::text) + position('{Hex(text)}' IN t::text) > 0") > 0))];

    private static List<string> InDatabaseOf(string folder, string[] texts)
    {
        using var connection = StoreSql.Open(StoredFile.PathIn(folder));
        return InRows(connection, texts);
    }

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
