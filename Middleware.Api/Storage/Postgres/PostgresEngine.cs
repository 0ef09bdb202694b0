using System.Data.Common;
using Middleware.Storage.Sql;
using Npgsql;
using ServiceDefaults;

namespace Middleware.Storage.Postgres;

/// <summary>The engine for several replicas: a PostgreSQL database, version 14 or later.</summary>
internal sealed class PostgresEngine(StoreSettings settings, TimeProvider clock) : IStoreEngine
{
    private const int OldestVersion = 14;

    private readonly PostgresSettings _postgres = settings.Postgres ?? throw new InvalidOperationException("The store is in no PostgreSQL database.");
    private NpgsqlDataSource? _source;

    public bool IsDurable => true;

    public string Place => _postgres.Place;

    public string Setting => PostgresSettings.Name;

    public string? Failure => null;

    public IStoreWriter Open()
    {
        _source = _postgres.CreateSource();
        using (var connection = _source.OpenConnection())
        {
            if (connection.PostgreSqlVersion.Major < OldestVersion)
            {
                throw new StartRefusedException($"{Setting}: the server \"{Place}\" has version {connection.PostgreSqlVersion}; expected PostgreSQL {OldestVersion} or later.");
            }

            PostgresSchema.Run(connection, Place, PostgresSchema.Scripts);
        }

        return new PostgresWriter(_source, _postgres, clock);
    }

    public ISqlConnection OpenReader() => new PostgresSql(Source().OpenConnection);

    public void Start(Action wake)
    {
        // Nothing runs beside the writer.
    }

    public void Stop()
    {
        // As above.
    }

    public void RemoveCopies()
    {
        // The server keeps old versions of rows until it vacuums: see docs/security.md.
    }

    public StartRefusedException Refusal(DbException exception) => new(
        $"{Setting}: the store \"{Place}\" cannot be opened ({exception.Message.TrimEnd('.')}). Check that the server runs, and the name, the user and the password of the database.", exception);

    public void Dispose() => _source?.Dispose();

    private NpgsqlDataSource Source() => _source ?? throw new InvalidOperationException("The store is not open.");
}
