using System.Globalization;
using System.Text;
using Middleware.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Middleware.Storage.Postgres;

/// <summary>A statement of PostgreSQL, and the row at which it stands. While its rows are read no other statement of the connection runs.</summary>
internal sealed class PostgresStatement(PostgresSql connection, string sql) : SqlStatement, ISqlRow
{
    private readonly List<NpgsqlParameter> _parameters = [];
    private NpgsqlDataReader? _row;
    private int _changes;

    public override int Changes => _changes;

    public override SqlStatement Bind(int parameter, long? value) => Bind(parameter, NpgsqlDbType.Bigint, value);

    public override SqlStatement Bind(int parameter, ReadOnlySpan<byte> value) => Bind(parameter, NpgsqlDbType.Bytea, value.ToArray());

    public override SqlStatement Bind(int parameter, string? value) => Bind(parameter, NpgsqlDbType.Text, Storable(value));

    public override SqlStatement BindNullBlob(int parameter) => Bind(parameter, NpgsqlDbType.Bytea, null);

    public override void Run() => While(static _ => true);

    public override long? Scalar()
    {
        long? value = null;
        While(row =>
        {
            value = row.IsNull(0) ? null : row.Number(0);
            return false;
        });
        return value;
    }

    public override bool While(Func<ISqlRow, bool> read)
    {
        using var use = connection.Use();
        using var command = new NpgsqlCommand(sql, connection.Begin());
        command.Parameters.AddRange(_parameters.ConvertAll(static parameter => parameter.Clone()).ToArray());
        var isCut = false;
        using (_row = command.ExecuteReader())
        {
            while (!isCut && _row.Read())
            {
                isCut = !read(this);
            }

            // Only the end of the rows has the number of changed ones.
            _row.Close();
            _changes = Math.Max(0, _row.RecordsAffected);
        }

        _row = null;
        return isCut;
    }

    public bool IsNull(int column) => _row!.IsDBNull(column);

    public long Number(int column) => _row!.IsDBNull(column) ? 0 : _row.GetValue(column) switch
    {
        long number => number,
        int number => number,
        short number => number,
        bool flag => flag ? 1 : 0,
        _ => 0,
    };

    public string? Text(int column) => _row!.IsDBNull(column) ? null : _row.GetValue(column) switch
    {
        string text => text,
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    public ReadOnlySpan<byte> Blob(int column) => _row!.IsDBNull(column) ? [] : _row.GetValue(column) switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        _ => [],
    };

    public override void Dispose()
    {
        // A command is made for each run: the driver keeps those that are prepared.
    }

    /// <summary>A text without the one character that PostgreSQL keeps in none.</summary>
    public static string? Storable(string? text) => text?.Contains('\0') == true ? text.Replace('\0', '\uFFFD') : text;

    private PostgresStatement Bind(int parameter, NpgsqlDbType type, object? value)
    {
        while (_parameters.Count < parameter)
        {
            _parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = DBNull.Value });
        }

        _parameters[parameter - 1] = new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value };
        return this;
    }
}
