using AppHost;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

var alerts = builder.AddProject<Projects.ExternalAlerts_Api>("external-alerts")
    .WithHttpEndpoint(port: 8081)
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", static _ => new() { Url = "/external/alerts", DisplayText = "Received alerts" })
    .WithFaultCommands();

var middleware = builder.AddProject<Projects.Middleware_Api>("middleware")
    .WithHttpEndpoint(port: 8080)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", static _ => new() { Url = "/docs", DisplayText = "API reference" })
    .WithUrlForEndpoint("http", static _ => new() { Url = "/metrics", DisplayText = "Metrics" })
    .WithReference(alerts)
    .WaitFor(alerts)
    .WithEnvironment("EXTERNAL_ENDPOINT_URL", "http://external-alerts/external/alerts")
    .WithEventCommands();

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
