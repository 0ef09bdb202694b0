using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace Middleware.Storage.Copying;

/// <summary>A row as bytes: rows are the same when their bytes are.</summary>
internal sealed class RowBytes : IRowValues
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    private enum Kind : byte
    {
        Null,
        Number,
        Text,
        Bytes,
    }

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Clear() => _bytes.ResetWrittenCount();

    public void Null() => Begin(Kind.Null, 0);

    public void Number(ColumnKind kind, long value) => Begin(Kind.Number, value);

    public void Text(string value)
    {
        Begin(Kind.Text, value.Length);
        Encoding.UTF8.GetBytes(value, _bytes);
    }

    public void Bytes(byte[] value)
    {
        Begin(Kind.Bytes, value.Length);
        _bytes.Write(value);
    }

    /// <summary>Reads the row of PostgreSQL at which a reader stands.</summary>
    public void Read(CopiedTable table, NpgsqlDataReader row)
    {
        for (var index = 0; index < table.Columns.Length; index++)
        {
            var kind = table.Columns[index].Kind;
            if (row.IsDBNull(index))
            {
                Null();
            }
            else if (kind == ColumnKind.Text)
            {
                Text(row.GetString(index));
            }
            else if (kind is ColumnKind.Bytes or ColumnKind.Deliveries)
            {
                Bytes(row.GetFieldValue<byte[]>(index));
            }
            else
            {
                Number(kind, kind switch
                {
                    ColumnKind.Small => row.GetInt16(index),
                    ColumnKind.Whole => row.GetInt32(index),
                    _ => row.GetInt64(index),
                });
            }
        }
    }

    private void Begin(Kind kind, long number)
    {
        var head = _bytes.GetSpan(1 + sizeof(long));
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt64BigEndian(head[1..], number);
        _bytes.Advance(1 + sizeof(long));
    }
}
