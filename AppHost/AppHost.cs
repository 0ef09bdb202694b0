using AppHost;
using Microsoft.Extensions.Configuration;
using Middleware;

var builder = DistributedApplication.CreateBuilder(args);

var alerts = builder.AddProject<Projects.ExternalAlerts_Api>("external-alerts")
    .WithHttpEndpoint(port: 8081)
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", static _ => new() { Url = "/external/alerts", DisplayText = "Received alerts" })
    .WithFaultCommands();

// Those who call the middleware get the key by the parameter; it is made at the first run and kept in the user's secrets.
var adminKey = builder.AddParameter("admin-key", new AdminKey(), secret: true, persist: true)
    .WithDescription("The API key that may do everything, as `Middleware.Api keys new` prints one.");

var middleware = builder.AddProject<Projects.Middleware_Api>("middleware")
    .WithHttpEndpoint(port: 8080)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", static _ => new() { Url = "/docs", DisplayText = "API reference" })
    .WithHttpEndpoint(env: "METRICS_PORT", name: "metrics")
    .WithUrlForEndpoint("metrics", static url => (url.Url, url.DisplayText) = ("/metrics", "Metrics"))
    .WithReference(alerts)
    .WaitFor(alerts)
    .WithEnvironment("EXTERNAL_ENDPOINT_URL", "http://external-alerts/external/alerts")
    .WithEnvironment(Setting.AdminKey.Name, adminKey)
    .WithEventCommands(adminKey.Resource);

// Without a connection string the middleware keeps its events in a SQLite file, which is right for one machine only.
if (builder.ExecutionContext.IsPublishMode || builder.Configuration.GetConnectionString("events") is not null)
{
    middleware.WithReference(builder.AddConnectionString("events"));
}

if (builder.ExecutionContext.IsRunMode)
{
    alerts.WithTimeToStop();
    middleware.WithTimeToStop().WithRunSettings();
}

builder.Build().Run();
