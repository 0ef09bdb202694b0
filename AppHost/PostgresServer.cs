using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Middleware;

namespace AppHost;

/// <summary>A PostgreSQL server with the database <c>events</c>, which the AppHost starts: in a container, or of the programs that are installed.</summary>
internal static class PostgresServer
{
    private const string Name = "postgres";
    private const string Database = "events";

    /// <summary>The connections of the dashboard's checks and of people.</summary>
    private const int OwnConnections = 20;

    /// <summary>As many as a replica has at most.</summary>
    private const int ConnectionsOfReplica = 26;

    private const string Debian = "/usr/lib/postgresql";

    /// <summary>Adds it, or gives null where there is neither an engine nor a program.</summary>
    public static IResourceBuilder<IResourceWithConnectionString>? AddPostgresServer(this IDistributedApplicationBuilder builder, StoreSettings settings)
    {
        var connections = string.Create(CultureInfo.InvariantCulture, $"max_connections={OwnConnections + settings.Replicas * ConnectionsOfReplica}");
        if (builder.ExecutionContext.IsPublishMode || settings.Server == StartedServer.Container
            || (settings.Server == StartedServer.Any && ContainerEngine.IsRunning(builder.Configuration)))
        {
            return builder.AddPostgres(Name).WithArgs("-c", connections).WithDataVolume().AddDatabase(Database);
        }

        return FindPrograms() is { } programs ? builder.AddInstalledServer(programs, connections) : null;
    }

    /// <summary>Adds a server of installed programs, on a folder of its own. Its port is one of the loopback that nobody has.</summary>
    private static IResourceBuilder<InstalledPostgres> AddInstalledServer(this IDistributedApplicationBuilder builder, string programs, string connections)
    {
        var data = builder.Configuration[Setting.DataDir.Name] is { Length: > 0 } given ? given : Path.Combine(AppContext.BaseDirectory, "data");
        var password = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{Name}-password");
        var server = new InstalledPostgres(Name, builder.AppHostDirectory, password, Database);
        string? connection = null;
        builder.Services.AddHealthChecks().AddNpgSql(_ => connection ?? throw new InvalidOperationException("The server has no address yet."), name: Name);
        return builder.AddResource(server)
            .WithArgs(Path.Combine(builder.AppHostDirectory, "start-postgres"), programs, Path.Combine(Path.GetFullPath(data), Name), Database, connections)
            .WithEnvironment("PASSWORD", ReferenceExpression.Create($"{password}"))
            .WithEndpoint(scheme: "tcp", name: InstalledPostgres.EndpointName, env: "PORT")
            .WithHealthCheck(Name)
            .WithIconName("DatabaseMultiple")
            .OnConnectionStringAvailable(async (server, _, cancellationToken) => connection = await server.ConnectionStringExpression.GetValueAsync(cancellationToken));
    }

    /// <summary>Finds the folder of the newest version that Debian's packages have installed, else of the one in PATH.</summary>
    private static string? FindPrograms()
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var versions = !Directory.Exists(Debian) ? [] :
            from version in Directory.EnumerateDirectories(Debian)
            orderby double.TryParse(Path.GetFileName(version), CultureInfo.InvariantCulture, out var number) ? number : 0 descending
            select Path.Combine(version, "bin");
        return versions.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")));
    }
}

/// <summary>A PostgreSQL server of installed programs, as a process.</summary>
internal sealed class InstalledPostgres(string name, string workingFolder, ParameterResource password, string database)
    : ExecutableResource(name, "sh", workingFolder), IResourceWithConnectionString
{
    public const string EndpointName = "tcp";

    /// <summary>The connection string of the database, for those on this machine.</summary>
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            var endpoint = new EndpointReference(this, EndpointName);
            return ReferenceExpression.Create(
                $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={password};Database={database}");
        }
    }
}
