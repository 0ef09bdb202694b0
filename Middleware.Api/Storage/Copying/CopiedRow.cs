using System.Buffers.Binary;
using Middleware.Replays;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using ServiceDefaults;

namespace Middleware.Storage.Copying;

/// <summary>Takes the values of a row, one after the other.</summary>
internal interface IRowValues
{
    void Null();

    void Number(ColumnKind kind, long value);

    void Text(string value);

    void Bytes(byte[] value);
}

/// <summary>Reads a row of SQLite as it is to be in PostgreSQL.</summary>
internal static class CopiedRow
{
    private const int DeliveryBytes = 9;

    public static void Read(CopiedTable table, ISqlRow row, SequenceMap map, IRowValues values)
    {
        for (var index = 0; index < table.Columns.Length; index++)
        {
            if (row.IsNull(index))
            {
                values.Null();
                continue;
            }

            var kind = table.Columns[index].Kind;
            switch (kind)
            {
                case ColumnKind.Text:
                    values.Text(PostgresStatement.Storable(Column.Text(row, index))!);
                    break;
                case ColumnKind.Bytes:
                    values.Bytes(Column.Bytes(row, index));
                    break;
                case ColumnKind.Deliveries:
                    values.Bytes(Deliveries(Column.Bytes(row, index), map));
                    break;
                default:
                    values.Number(kind, Number(table, row, index, map));
                    break;
            }
        }
    }

    private static long Number(CopiedTable table, ISqlRow row, int index, SequenceMap map)
    {
        var number = row.Number(index);
        return table.Columns[index].Kind switch
        {
            ColumnKind.Small => Math.Clamp(number, short.MinValue, short.MaxValue),
            ColumnKind.Whole => Math.Clamp(number, int.MinValue, int.MaxValue),
            ColumnKind.Sequence => map[number],
            ColumnKind.ReplayPlace => ReplayPlace(table, row, index, map),
            ColumnKind.Counter => CounterValue(Column.Text(row, 0), number, map),
            _ => number,
        };
    }

    /// <summary>A replay of dead letters is at the number of one, which stays. A cursor behind the last row stays behind it.</summary>
    private static long ReplayPlace(CopiedTable table, ISqlRow row, int index, SequenceMap map)
    {
        var place = row.Number(index);
        if (ReplayDocument.Read(Column.Text(row, table.IndexOf("doc"))).Order.Of == ReplaySubject.DeadLetters)
        {
            return place;
        }

        var last = row.Number(table.IndexOf("last"));
        return place > last ? Math.Max(map[place], map[last] + 1) : map[place];
    }

    private static long CounterValue(string name, long value, SequenceMap map) => name switch
    {
        "last_purged_seq" or "encrypted_through" => map[value],
        "last_failure" => value,
        _ => throw new StartRefusedException($"The table counters has \"{name}\", which this program cannot copy. Use the version of the program that wrote the store."),
    };

    private static byte[] Deliveries(byte[] stored, SequenceMap map)
    {
        for (var at = 0; at + DeliveryBytes <= stored.Length; at += DeliveryBytes)
        {
            var sequence = stored.AsSpan(at + 1, sizeof(long));
            BinaryPrimitives.WriteInt64BigEndian(sequence, map[BinaryPrimitives.ReadInt64BigEndian(sequence)]);
        }

        return stored;
    }
}
