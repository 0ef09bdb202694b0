using System.Data.Common;

namespace Middleware.Storage.Sql;

/// <summary>
/// A connection to the store's database, for the SQL that all engines share. Used by one caller at a time. Failures are <see cref="DbException"/>.
/// </summary>
/// <remarks>
/// The SQL is what SQLite and PostgreSQL both know. Parameters are ?1, ?2, ... and have the type of the value that is bound; times are
/// <see cref="StoredTime"/>, ids are 16 bytes, big-endian. SQLite's hints to its planner, <c>INDEXED BY</c> and <c>CROSS JOIN ... ON</c>, mean nothing
/// elsewhere.
/// </remarks>
internal interface ISqlConnection : IDisposable
{
    /// <summary>True where each attempt has the replica that made it.</summary>
    bool HasReplicas { get; }

    SqlStatement Prepare(string sql);

    /// <summary>Keeps other writers from the same part until the transaction ends; nothing where there is one writer.</summary>
    void LockForTransaction(string part);

    /// <summary>Begins a transaction that sees one state of the store and writes nothing, until it is disposed of.</summary>
    IDisposable BeginSnapshot();
}

/// <summary>A statement that is bound and run again and again.</summary>
internal abstract class SqlStatement : IDisposable
{
    /// <summary>Rows that the last run changed.</summary>
    public abstract int Changes { get; }

    public abstract SqlStatement Bind(int parameter, long? value);

    public abstract SqlStatement Bind(int parameter, ReadOnlySpan<byte> value);

    public abstract SqlStatement Bind(int parameter, string? value);

    /// <summary>Binds null where the column has bytes.</summary>
    public abstract SqlStatement BindNullBlob(int parameter);

    /// <summary>Runs to the end and is ready to be bound again, also when it failed.</summary>
    public abstract void Run();

    /// <summary>The first column of the first row; null when there is no row, or no value in it.</summary>
    public abstract long? Scalar();

    /// <summary>Hands rows to <paramref name="read"/> until it wants no more; false when there were no more.</summary>
    public abstract bool While(Func<ISqlRow, bool> read);

    /// <summary>Hands each row to <paramref name="read"/>.</summary>
    public void ForEach(Action<ISqlRow> read) => While(row =>
    {
        read(row);
        return true;
    });

    public abstract void Dispose();
}

/// <summary>The row at which a statement stands. A damaged value is read as far as it can be, and never thrown; <see cref="Column"/> reads all other types.</summary>
internal interface ISqlRow
{
    bool IsNull(int column);

    /// <summary>0 for null; 1 for true.</summary>
    long Number(int column);

    string? Text(int column);

    /// <summary>Of a text its UTF-8. Valid until the next row.</summary>
    ReadOnlySpan<byte> Blob(int column);
}
