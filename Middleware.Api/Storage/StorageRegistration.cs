using Microsoft.Data.Sqlite;
using Middleware.Accepting;
using Middleware.Audit;
using Middleware.Callers;
using Middleware.DeadLetters;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Erasing;
using Middleware.Expiring;
using Middleware.History;
using Middleware.Replays;
using Middleware.Replicas;
using Middleware.Retention;
using Middleware.Stats;
using Middleware.Storage.AtRest;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;
using Middleware.Streaming;
using ServiceDefaults.Settings;
using ServiceDefaults.Watching;

namespace Middleware.Storage;

/// <summary>Chooses the store by the connection string <c>events</c>.</summary>
internal static class StorageRegistration
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<StoreCheck>("store");
        services.AddOpenTelemetry().ConfigureResource(static resource => resource.AddDetector(static provider => new ReplicaResource(provider.GetRequiredService<IConfiguration>())));
        return services
            .AddSettings(StoreSettings.Read)
            .AddSingleton<ServerTime>()
            .AddSingleton<TimeProvider>(static provider => provider.GetRequiredService<ServerTime>())
            .AddSingleton<SqliteEngine>()
            .AddSingleton<PostgresEngine>()
            .AddSingleton<IStoreEngine>(static provider => provider.GetRequiredService<StoreSettings>().Postgres is null
                ? provider.GetRequiredService<SqliteEngine>()
                : provider.GetRequiredService<PostgresEngine>())
            .AddSingleton<PostgresOwnership>()
            .AddSingleton<ILaneOwnership>(static provider => provider.GetRequiredService<StoreSettings>().Postgres is null
                ? OwnsAll.Instance
                : provider.GetRequiredService<PostgresOwnership>())
            .AddSingleton<SqlEventStore>()
            .AddSingleton(static provider => new WatchedPart("store_writer", provider.GetRequiredService<SqlEventStore>().PingAsync))
            .AddSingleton<IEventStore>(static provider => provider.GetRequiredService<SqlEventStore>())
            .AddSingleton<IAcceptStore>(static provider => provider.GetRequiredService<IEventStore>())
            .AddSingleton<IDeliveryStore>(static provider => provider.GetRequiredService<IEventStore>())
            .AddSingleton<SqlHistory>()
            .AddSingleton<IEventHistory>(static provider => provider.GetRequiredService<SqlHistory>())
            .AddSingleton<IDeadLetterStore>(static provider => provider.GetRequiredService<SqlHistory>())
            .AddSingleton<IErasureStore>(static provider => provider.GetRequiredService<SqlHistory>())
            .AddSingleton<IAcceptedEvents, SqlAcceptedEvents>()
            .AddSingleton<IEndpointStore, SqlEndpoints>()
            .AddSingleton<IKeyStore, SqlKeys>()
            .AddSingleton<IReplicaStore, SqlReplicas>()
            .AddSingleton<IAuditLog, SqlAuditLog>()
            .AddSingleton<IBulkReplayStore, SqlBulkReplays>()
            .AddSingleton<IRetentionStore, SqlRetention>()
            .AddSingleton<IExpiryStore, SqlExpiry>()
            .AddSingleton<IStatsStore, SqlStats>()
            .AddSingleton<SqlEncryption>();
    }
}

/// <summary>The place of the events.</summary>
/// <param name="IsMemory">True for the connection string <c>memory</c>: in a temporary file, which ends with the process.</param>
/// <param name="DataFolder">The folder of the SQLite file else: <c>DATA_DIR</c>, or <c>data</c> beside the service.</param>
internal sealed record StoreSettings(bool IsMemory, string DataFolder)
{
    public EncryptionSettings Encryption { get; init; } = EncryptionSettings.None;

    /// <summary>The name of this replica (<c>REPLICA_NAME</c>), or the machine's.</summary>
    public string ReplicaName { get; init; } = Environment.MachineName;

    /// <summary>The name of the instance in its telemetry; null for a process with SQLite that was given none.</summary>
    public string? InstanceName { get; init; }

    /// <summary>The PostgreSQL database; null for SQLite.</summary>
    public PostgresSettings? Postgres { get; init; }

    /// <summary>Called with the writer's connection when it is open: tests limit and disturb it.</summary>
    public Action<SqliteConnection>? WriterOpened { get; init; }

    public static StoreSettings Read(SettingsReader settings)
    {
        var connection = settings.Text("ConnectionStrings:events");
        PostgresSettings? postgres = null;
        if (connection is not (null or "" or "memory") && (postgres = PostgresSettings.Read(connection, settings, out var fault)) is null)
        {
            // Connection strings bear passwords: the value is not repeated.
            settings.Refuse(PostgresSettings.Name, "(hidden)", fault);
        }

        var given = settings.Text(Setting.ReplicaName.Name) is { Length: > 0 } text ? text : null;
        var folder = settings.Text(Setting.DataDir.Name) is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, "data");
        return new StoreSettings(connection == "memory", Path.GetFullPath(folder))
        {
            Encryption = EncryptionSettings.Read(settings),
            ReplicaName = given ?? Environment.MachineName,
            InstanceName = given ?? postgres?.ReplicaName,
            Postgres = postgres,
        };
    }
}
