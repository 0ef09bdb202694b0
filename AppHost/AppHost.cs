using AppHost;
using Middleware;

var builder = DistributedApplication.CreateBuilder(StoreSettings.Arguments(args));
if (StoreSettings.Read(builder.Configuration, out var fault) is not { } settings)
{
    return Refuse(fault);
}

// In Azure Container Apps each service has a name of its own, at which its ingress takes the default ports alone.
int? PortOfRun(int port) => builder.ExecutionContext.IsRunMode ? port : null;

var alerts = builder.AddProject<Projects.ExternalAlerts_Api>("external-alerts")
    .WithHttpEndpoint(PortOfRun(8081))
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", static _ => new() { Url = "/external/alerts", DisplayText = "Received alerts" })
    .WithFaultCommands();

// Those who call the middleware get the key by the parameter; it is made at the first run and kept in the user's secrets.
// A deployment asks for it.
var adminKey = (builder.ExecutionContext.IsRunMode ? builder.AddParameter("admin-key", new AdminKey(), secret: true, persist: true) : builder.AddParameter("admin-key", secret: true))
    .WithDescription("The API key that may do everything, as `Middleware.Api keys new` prints one.");

var middleware = builder.AddProject<Projects.Middleware_Api>("middleware")
    .WithHttpEndpoint(PortOfRun(8080))
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", static _ => new() { Url = "/docs", DisplayText = "API reference" })
    .WithHttpEndpoint(targetPort: builder.ExecutionContext.IsPublishMode ? PublishSettings.MetricsPort : null, env: "METRICS_PORT", name: "metrics")
    .WithUrlForEndpoint("metrics", static url => (url.Url, url.DisplayText) = ("/metrics", "Metrics"))
    .WithReference(alerts)
    .WaitFor(alerts)
    .WithEnvironment("EXTERNAL_ENDPOINT_URL", "http://external-alerts/external/alerts")
    .WithEnvironment(Setting.AdminKey.Name, adminKey)
    .WithEventCommands(adminKey.Resource);

// Without a connection string the middleware keeps its events in a SQLite file, which is right for one machine only.
if (settings.Server != StartedServer.None)
{
    if (builder.AddPostgresServer(settings) is not { } server)
    {
        return Refuse("--postgres: there is neither a container engine nor PostgreSQL on this machine; expected one that runs, or the package postgresql.");
    }

    middleware.WithReference(server, "events").WaitFor(server);
}
else if (builder.ExecutionContext.IsPublishMode || settings.Connection is not null)
{
    middleware.WithReference(builder.AddConnectionString("events"));
}

var console = builder.AddProject<Projects.Console>("console")
    .WithHttpEndpoint(PortOfRun(8082))
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", static url => url.DisplayText = "Console")
    .WaitFor(middleware);

if (builder.ExecutionContext.IsRunMode)
{
    // In Development nobody signs in: the console acts by the key of the AppHost.
    console.WithTimeToStop().WithReference(middleware.GetEndpoint("http")).WithEnvironment("CONSOLE_KEY", adminKey);
    if (builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0] is { Length: > 0 } dashboard)
    {
        console.WithEnvironment("CONSOLE_TRACE_URL", dashboard.TrimEnd('/') + "/traces/detail/{trace_id}");
    }

    alerts.WithTimeToStop();
    middleware.WithTimeToStop().WithRunSettings().WithNamedReplicas(settings.Replicas);
}
else
{
    alerts.DisableForwardedHeaders();
    middleware.WithPublishSettings();
    console.WithPublishSettings(middleware);
}

builder.Build().Run();
return 0;

static int Refuse(string fault)
{
    Console.Error.WriteLine(fault);
    return 1;
}
