using System.IO.Hashing;
using Middleware.Storage.Sql;
using Npgsql;
using ServiceDefaults;

namespace Middleware.Storage.Copying;

/// <summary>Compares each row of a copy, as the server gives it back, with its source.</summary>
internal static class CopyComparison
{
    private const int RowsBetweenReports = 5_000;

    /// <summary>Returns the line for the operator. Throws <see cref="StartRefusedException"/> with the first row that differs.</summary>
    public static string Compare(CopiedTable table, CopySource source, CopyTarget target, SequenceMap map, CopyProgress progress)
    {
        var (rows, all) = (0L, source.RowsOf(table));
        var (wanted, found) = (new RowBytes(), new RowBytes());
        var (wantedHash, foundHash) = (new XxHash128(), new XxHash128());
        progress.Begin($"comparing {table.Name}", 0);
        using var command = new NpgsqlCommand(table.TargetSql, target.Connection) { CommandTimeout = 0 };
        using var copied = command.ExecuteReader();
        using var read = source.Connection.Prepare(table.SourceSql);
        read.Bind(1, 0L).ForEach(row =>
        {
            rows++;
            if (!copied.Read())
            {
                throw Difference(table, target, $"row {rows} ({Key(table, row)}) is missing");
            }

            wanted.Clear();
            CopiedRow.Read(table, row, map, wanted);
            found.Clear();
            found.Read(table, copied);
            if (!wanted.Written.SequenceEqual(found.Written))
            {
                throw Difference(table, target, $"row {rows} ({Key(table, row)}) is another one");
            }

            wantedHash.Append(wanted.Written);
            foundHash.Append(found.Written);
            if (rows % RowsBetweenReports == 0)
            {
                progress.Report(rows, all);
            }
        });
        return copied.Read()
            ? throw Difference(table, target, $"row {rows + 1} is not in the source")
            : $"{table.Name}: {rows} rows, hash {Hex(wantedHash)} in the source, {rows} rows, hash {Hex(foundHash)} in the copy.";
    }

    private static string Hex(XxHash128 hash) => Convert.ToHexStringLower(hash.GetCurrentHash());

    private static StartRefusedException Difference(CopiedTable table, CopyTarget target, string row) => new(
        $"The copy in \"{target.Place}\" is not the source: of {table.Name}, {row}. No service starts on it. Empty the database and copy again.");

    private static string Key(CopiedTable table, ISqlRow row) => string.Join(
        ", ",
        table.Columns.Take(table.KeyColumns).Select((column, index) =>
            $"{column.Name} {(column.Kind == ColumnKind.Bytes ? Convert.ToHexStringLower(row.Blob(index)) : row.Text(index))}"));
}
