using System.Data.Common;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Postgres;

/// <summary>The PostgreSQL database of the store, by the connection string <c>events</c>.</summary>
internal sealed record PostgresSettings
{
    /// <summary>The name of the setting.</summary>
    public const string Name = "ConnectionStrings__events";

    /// <summary>The accepted texts, for errors.</summary>
    public const string Wanted = "expected nothing (a SQLite file in DATA_DIR), memory, or a connection string of PostgreSQL such as Host=db;Database=events;Username=events;Password=...";

    /// <summary>As many connections read as there are kinds of readers, and a few for the work beside them.</summary>
    public const int MostConnections = 24;

    /// <summary>The connections of a replica: those that read, the writer's session, and one for the notices of others.</summary>
    public const int ConnectionsOfReplica = MostConnections + 2;

    /// <summary>The time that a command of the writer's session may take at least.</summary>
    private static readonly TimeSpan LeastCommandTimeout = TimeSpan.FromSeconds(10);

    private readonly NpgsqlConnectionStringBuilder _connection;

    private PostgresSettings(NpgsqlConnectionStringBuilder connection) => _connection = connection;

    /// <summary>The time after which the lanes of a replica that does not answer are adopted by the others, 4s to 60s.</summary>
    public TimeSpan AdoptAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The name of this replica, in the history of attempts and for operators.</summary>
    public string ReplicaName { get; init; } = Environment.MachineName;

    /// <summary>The servers and the database, for people; without user and password.</summary>
    public string Place => $"{_connection.Host}/{_connection.Database ?? _connection.Username}";

    /// <summary>Null, with the fault, for a text that is no connection string. Its values are never repeated: they bear passwords.</summary>
    public static PostgresSettings? Read(string text, SettingsReader settings, out string fault)
    {
        fault = Wanted;
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(connection.Host))
            {
                return null;
            }

            if (connection.Options?.Replace(" ", "", StringComparison.Ordinal).Contains("synchronous_commit=", StringComparison.OrdinalIgnoreCase) == true)
            {
                fault = "has Options with synchronous_commit; expected none: each commit is flushed, so that an accepted event is safe";
                return null;
            }

            return new PostgresSettings(connection)
            {
                AdoptAfter = settings.Duration(Setting.AdoptAfter.Name, Setting.AdoptAfter.Default, "4s", "60s"),
                ReplicaName = settings.Text(Setting.ReplicaName.Name) is { Length: > 0 } name ? name : Environment.MachineName,
            };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The refusal of a start or a command for an error of the database, in a line with the remedy.</summary>
    public StartRefusedException Refusal(DbException exception) => new(
        $"{Name}: the store \"{Place}\" cannot be opened ({exception.Message.TrimEnd('.')}). Check that the server runs, and the name, the user and the password of the database.", exception);

    /// <summary>Makes the source of the connections that read. Of several hosts it takes the one that can be written.</summary>
    public NpgsqlDataSource CreateSource() => Build(Common()).WithTargetSession(TargetSessionAttributes.ReadWrite);

    /// <summary>
    /// Makes the source of the writer's sessions. Each is a connection of its own: one that came back from a pool would have the locks of the last. A server that does not
    /// answer is given up soon, since others adopt the lanes meanwhile.
    /// </summary>
    public NpgsqlMultiHostDataSource CreateSessions()
    {
        var connection = Common();
        connection.Pooling = false;
        connection.Timeout = connection.Timeout == 0 ? (int)AdoptAfter.TotalSeconds : Math.Min(connection.Timeout, (int)AdoptAfter.TotalSeconds);
        connection.CommandTimeout = (int)Math.Max(LeastCommandTimeout.TotalSeconds, AdoptAfter.TotalSeconds);

        // To cancel a command takes a connection too.
        connection.CancellationTimeout = -1;
        return Build(connection);
    }

    private NpgsqlConnectionStringBuilder Common() => new(_connection.ConnectionString)
    {
        MaxPoolSize = MostConnections,
        MaxAutoPrepare = 60,
        AutoPrepareMinUsages = 2,
        Enlist = false,
        IncludeErrorDetail = false,
        TargetSessionAttributes = null,

        // A server that is gone without a word is found out, as the server finds a client.
        TcpKeepAlive = true,
        TcpKeepAliveTime = 3,
        TcpKeepAliveInterval = 2,

        // A connection that broke says nothing of the server: each reader has one of its own, and finds out about a restart by itself.
        HostRecheckSeconds = 0,
    };

    private static NpgsqlMultiHostDataSource Build(NpgsqlConnectionStringBuilder connection)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(connection.ConnectionString);
        builder.EnableArrays();

        // The store uses only types that each server has. Else the first connection of each source asks for all.
        builder.ConfigureTypeLoading(static types => types.EnableTypeLoading(false));
        builder.EnableTransportSecurity();
        return builder.BuildMultiHost();
    }
}
