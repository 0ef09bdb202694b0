using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Reads columns of a row for people: a damaged value is shown as far as it can be, and never thrown.</summary>
internal static class Column
{
    private const int IdLength = 16;

    public static bool IsNull(ISqlRow row, int column) => row.IsNull(column);

    public static long Number(ISqlRow row, int column) => row.Number(column);

    public static int Count(ISqlRow row, int column) => unchecked((int)row.Number(column));

    public static string Text(ISqlRow row, int column) => row.Text(column) ?? "";

    public static string? TextOrNull(ISqlRow row, int column) => row.Text(column);

    public static DateTimeOffset Time(ISqlRow row, int column) => StoredTime.To(row.Number(column));

    public static DateTimeOffset? TimeOrNull(ISqlRow row, int column) => IsNull(row, column) ? null : Time(row, column);

    public static ReadOnlySpan<byte> Blob(ISqlRow row, int column) => row.Blob(column);

    public static byte[] Bytes(ISqlRow row, int column) => row.Blob(column).ToArray();

    public static Guid Id(ISqlRow row, int column) => row.Blob(column) is { Length: IdLength } id ? new Guid(id, bigEndian: true) : Guid.Empty;

    public static Priority Priority(ISqlRow row, int column) => (Priority)Count(row, column);

    public static EndpointId Endpoint(ISqlRow row, int column) => new(Text(row, column));
}
