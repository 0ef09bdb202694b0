using Middleware.Events;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>Reads columns of a row for people: a damaged value is shown as far as it can be, and never thrown.</summary>
internal static class Column
{
    private const int IdLength = 16;

    public static bool IsNull(sqlite3_stmt row, int column) => sqlite3_column_type(row, column) == SQLITE_NULL;

    public static long Number(sqlite3_stmt row, int column) => sqlite3_column_int64(row, column);

    public static int Count(sqlite3_stmt row, int column) => sqlite3_column_int(row, column);

    public static string Text(sqlite3_stmt row, int column) => sqlite3_column_text(row, column).utf8_to_string() ?? "";

    public static string? TextOrNull(sqlite3_stmt row, int column) => sqlite3_column_text(row, column).utf8_to_string();

    public static DateTimeOffset Time(sqlite3_stmt row, int column) => StoredTime.To(sqlite3_column_int64(row, column));

    public static DateTimeOffset? TimeOrNull(sqlite3_stmt row, int column) => IsNull(row, column) ? null : Time(row, column);

    public static byte[] Bytes(sqlite3_stmt row, int column) => sqlite3_column_blob(row, column).ToArray();

    public static Guid Id(sqlite3_stmt row, int column) =>
        sqlite3_column_blob(row, column) is { Length: IdLength } id ? new Guid(id, bigEndian: true) : Guid.Empty;

    public static Priority Priority(sqlite3_stmt row, int column) => (Priority)sqlite3_column_int(row, column);

    public static EndpointId Endpoint(sqlite3_stmt row, int column) => new(Text(row, column));
}
