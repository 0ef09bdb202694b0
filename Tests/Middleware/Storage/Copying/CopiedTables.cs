using Middleware.Storage.Copying;

namespace Tests.Middleware.Storage.Copying;

/// <summary>The list of what is copied, against the schema of each engine.</summary>
public sealed class CopiedTables
{
    private static IEnumerable<string> Listed => CopiedTable.All.SelectMany(static table => table.Columns.Select(column => $"{table.Name}.{column.Name}"));

    private static IEnumerable<string> Keys => CopiedTable.All.Select(static table => $"{table.Name}: {string.Join(", ", table.Columns.Take(table.KeyColumns).Select(static column => column.Name))}");

    [Fact]
    public async Task All_tables_and_columns_of_SQLite_are_copied_in_the_order_of_their_keys()
    {
        await using var service = new MiddlewareService();
        await service.Accept(1);

        Assert.Equal(Listed.Order(StringComparer.Ordinal), StoreSql.Texts(
            service.DatabasePath,
            "SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1"));
        Assert.Equal(Keys.Order(StringComparer.Ordinal), StoreSql.Texts(
            service.DatabasePath,
            """
            SELECT name || ': ' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk))
            FROM sqlite_master t WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1
            """));
    }

    [Fact]
    public async Task All_tables_and_columns_of_PostgreSQL_are_copied_but_those_of_its_writers()
    {
        await using var database = await EmptyStore.CopyAsync();
        await using var connection = await database.Source.OpenConnectionAsync(Waiting.Cancellation);

        var columns = StoreSql.Texts(
            connection,
            """
            SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN ('store', 'commits', 'replicas', 'lane_state', 'shard_state', 'drained')
                AND (c.relname::text, a.attname::text) NOT IN (('attempts', 'replica'), ('pending', 'begun'), ('held', 'begun'))
            """);
        Assert.Equal(
            CopiedTable.All.SelectMany(static table => table.Columns.Select(column => $"{table.Name}.{column.Name} {TypeOf(column.Kind)}")).Order(StringComparer.Ordinal),
            columns.Order(StringComparer.Ordinal));

        var numbered = StoreSql.Texts(connection, "SELECT table_name::text FROM information_schema.columns WHERE is_identity = 'YES' AND column_name = 'no'");
        Assert.Equal(CopiedTable.All.Where(static table => table.IsNumbered).Select(static table => table.Name).Order(), numbered.Order());
    }

    private static string TypeOf(ColumnKind kind) => kind switch
    {
        ColumnKind.Small => "smallint",
        ColumnKind.Whole => "integer",
        ColumnKind.Text => "text",
        ColumnKind.Bytes or ColumnKind.Deliveries => "bytea",
        _ => "bigint",
    };
}
