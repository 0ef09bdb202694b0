using System.Collections.Concurrent;
using System.Data.Common;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage;

/// <summary>
/// A folder for a store of a test's own, deleted at its end. With <c>TEST_STORE=postgres</c> in the environment a database stands for it: its services and
/// <see cref="StoreSql"/> take that one. Tests that hold for both have the trait <c>Store=Any</c>.
/// </summary>
internal sealed class StoreFolder : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<PostgresDatabase>> Databases = [];

    private readonly TemporaryDirectory _folder = new();

    /// <param name="of">The database that it is a copy of; null for one with an empty store.</param>
    public StoreFolder(PostgresDatabase? of = null)
    {
        if (IsPostgres)
        {
            Databases[Path] = new(() => Task.Run(() => of is null ? EmptyStore.CopyAsync() : PostgresDatabase.CreateAsync(of: of)).GetAwaiter().GetResult());
        }
    }

    /// <summary>True when the run of the tests is one on PostgreSQL.</summary>
    public static bool IsPostgres => PostgresRun.HoldsStores;

    public string Path => _folder.Path;

    /// <summary>The database that stands for a folder; null for none.</summary>
    public static PostgresDatabase? DatabaseOf(string folder) => Databases.TryGetValue(folder, out var database) ? database.Value : null;

    /// <summary>The settings of a service on a folder.</summary>
    public static IEnumerable<string> Settings(string folder) =>
        DatabaseOf(folder) is { } database ? [$"DATA_DIR={folder}", $"ConnectionStrings__events={database.ConnectionString()}"] : [$"DATA_DIR={folder}"];

    /// <summary>The store in a folder, as messages name it.</summary>
    public static string PlaceOf(string folder) => DatabaseOf(folder) is { } database ? $"127.0.0.1/{database.Name}" : System.IO.Path.Combine(folder, "events.db");

    /// <summary>True when no process has the store open.</summary>
    public static bool IsFree(string folder)
    {
        if (DatabaseOf(folder) is { } database)
        {
            return Task.Run(database.IsFreeAsync).GetAwaiter().GetResult();
        }

        try
        {
            using var held = File.Open(System.IO.Path.Combine(folder, "events.db.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Opens a connection of the test's own to the database of a folder.</summary>
    public static DbConnection? TryOpen(string folder)
    {
        if (DatabaseOf(folder) is not { } database)
        {
            return null;
        }

        var connection = database.Source.OpenConnection();
        using var set = connection.CreateCommand();
        set.CommandText = $"SET search_path = public, {PostgresDatabase.SqliteNames}";
        set.ExecuteNonQuery();
        return connection;
    }

    public void Dispose()
    {
        if (Databases.TryRemove(Path, out var database) && database.IsValueCreated)
        {
            Task.Run(async () => await database.Value.DisposeAsync()).GetAwaiter().GetResult();
        }

        _folder.Dispose();
    }
}
