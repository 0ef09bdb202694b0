using Npgsql;
using NpgsqlTypes;

namespace Middleware.Storage.Postgres;

/// <summary>
/// Rows that are written by one command: each column is an array, and <c>unnest</c> makes rows of them. The command and its plan are the same however many
/// rows there are.
/// </summary>
/// <param name="sql">The command, with a parameter for each column.</param>
/// <param name="types">The types of the columns.</param>
internal sealed class Rows(string sql, params NpgsqlDbType[] types)
{
    private readonly List<object?[]> _rows = [];

    public int Count => _rows.Count;

    public void Add(params object?[] row) => _rows.Add(row);

    public void Clear() => _rows.Clear();

    public NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(sql);
        for (var column = 0; column < types.Length; column++)
        {
            command.Parameters.Add(types[column] switch
            {
                NpgsqlDbType.Bigint => Array<long?>(column, static value => (long?)value),
                NpgsqlDbType.Integer => Array<int?>(column, static value => (int?)value),
                NpgsqlDbType.Smallint => Array<short?>(column, static value => (short?)value),
                NpgsqlDbType.Text => Array(column, static value => PostgresStatement.Storable((string?)value)),
                _ => Array(column, static value => (byte[]?)value),
            });
        }

        return command;
    }

    private NpgsqlParameter<T[]> Array<T>(int column, Func<object?, T> cast)
    {
        var values = new T[_rows.Count];
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = cast(_rows[row][column]);
        }

        return new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | types[column] };
    }
}
