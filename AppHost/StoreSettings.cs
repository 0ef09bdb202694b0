using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace AppHost;

/// <summary>The PostgreSQL server that the AppHost starts.</summary>
internal enum StartedServer
{
    None,

    /// <summary>In a container where there is an engine, else of the programs that are installed.</summary>
    Any,
    Container,
    Installed,
}

/// <summary>Settings of the AppHost itself: the store of the events, and the replicas of the middleware that share it.</summary>
internal sealed record StoreSettings
{
    private const string Postgres = "POSTGRES";
    private const string ReplicaCount = "REPLICAS";
    private const int MostReplicas = 64;

    /// <summary>The connection string of the store, null where none is given.</summary>
    public string? Connection { get; private init; }

    public StartedServer Server { get; private init; }

    public int Replicas { get; private init; } = 1;

    /// <summary>True for a database that replicas can share: as the middleware, the AppHost takes each connection string but <c>memory</c> for PostgreSQL's.</summary>
    public bool IsShared => Server != StartedServer.None || Connection is not (null or "" or "memory");

    /// <summary>Writes the argument <c>--postgres</c> as a setting. Configuration would take the next argument for its value.</summary>
    public static string[] Arguments(string[] arguments) => [.. arguments.Select(static argument => argument == "--postgres" ? $"{Postgres}=true" : argument)];

    /// <summary>Reads them, or gives null with the fault.</summary>
    public static StoreSettings? Read(IConfiguration configuration, out string fault)
    {
        var (postgres, replicas) = (configuration[Postgres] ?? "", configuration[ReplicaCount] ?? "");
        var read = new StoreSettings { Connection = configuration.GetConnectionString("events") };
        StartedServer? server = postgres.ToUpperInvariant() switch
        {
            "" or "FALSE" => StartedServer.None,
            "TRUE" => StartedServer.Any,
            "CONTAINER" => StartedServer.Container,
            "INSTALLED" => StartedServer.Installed,
            _ => null,
        };
        fault = $"{Postgres}: \"{postgres}\" is not accepted; expected true, container, installed or false.";
        if (server is null)
        {
            return null;
        }

        fault = $"ConnectionStrings__events: \"{read.Connection}\" is not accepted with --postgres; expected nothing, or a connection string of PostgreSQL.";
        if (server != StartedServer.None && !read.IsShared)
        {
            if (read.Connection is { Length: > 0 })
            {
                return null;
            }

            read = read with { Server = server.Value };
        }

        fault = $"{ReplicaCount}: \"{replicas}\" is not accepted; expected a whole number from 1 to {MostReplicas}.";
        if (replicas.Length > 0)
        {
            if (!int.TryParse(replicas, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostReplicas)
            {
                return null;
            }

            read = read with { Replicas = count };
        }

        fault = $"{ReplicaCount}: \"{replicas}\" is not accepted with SQLite; expected 1, or a store that replicas share: --postgres, or a connection string of PostgreSQL in ConnectionStrings__events.";
        return read.Replicas > 1 && !read.IsShared ? null : read;
    }
}
