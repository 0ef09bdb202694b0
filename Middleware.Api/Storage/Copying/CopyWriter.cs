using Npgsql;
using NpgsqlTypes;

namespace Middleware.Storage.Copying;

/// <summary>Writes the rows of a table in transactions of some thousand; each also has the number of rows that are copied.</summary>
internal sealed class CopyWriter(CopyTarget target, CopiedTable table) : IRowValues, IDisposable
{
    private const int RowsAtOnce = 5_000;
    private const long BytesAtOnce = 8 << 20;

    private NpgsqlTransaction? _transaction;
    private NpgsqlBinaryImporter? _import;
    private int _rows;
    private long _bytes;

    /// <summary>The rows that are committed.</summary>
    public long Committed { get; private set; } = target.RowsOf(table);

    /// <summary>Begins a row, and commits those before it when they are many; true when it did.</summary>
    public bool BeginRow()
    {
        var isFull = _rows >= RowsAtOnce || _bytes >= BytesAtOnce;
        if (isFull)
        {
            Commit();
        }

        if (_import is null)
        {
            _transaction = target.Connection.BeginTransaction();
            if (Committed == 0)
            {
                // A script of the schema may have put rows there.
                target.Execute($"DELETE FROM {table.Name}");
            }

            _import = target.Connection.BeginBinaryImport($"COPY {table.Name} ({table.Names}) FROM STDIN (FORMAT BINARY)");
        }

        _import.StartRow();
        _rows++;
        return isFull;
    }

    public void Commit()
    {
        if (_import is null)
        {
            return;
        }

        _import.Complete();
        _import.Dispose();
        _import = null;
        target.Note(table, Committed + _rows);
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
        (Committed, _rows, _bytes) = (Committed + _rows, 0, 0);
    }

    public void Null() => _import!.WriteNull();

    public void Number(ColumnKind kind, long value)
    {
        switch (kind)
        {
            case ColumnKind.Small:
                _import!.Write((short)value, NpgsqlDbType.Smallint);
                break;
            case ColumnKind.Whole:
                _import!.Write((int)value, NpgsqlDbType.Integer);
                break;
            default:
                _import!.Write(value, NpgsqlDbType.Bigint);
                break;
        }
    }

    public void Text(string value)
    {
        _bytes += value.Length;
        _import!.Write(value, NpgsqlDbType.Text);
    }

    public void Bytes(byte[] value)
    {
        _bytes += value.Length;
        _import!.Write(value, NpgsqlDbType.Bytea);
    }

    public void Dispose()
    {
        _import?.Dispose();
        _transaction?.Dispose();
    }
}
