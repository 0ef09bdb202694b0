using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

var alerts = builder.AddProject<Projects.ExternalAlerts_Api>("external-alerts")
    .WithHttpEndpoint(port: 8081)
    .WithHttpHealthCheck("/health/ready");

var middleware = builder.AddProject<Projects.Middleware_Api>("middleware")
    .WithHttpEndpoint(port: 8080)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health/ready")
    .WithReference(alerts)
    .WaitFor(alerts)
    .WithEnvironment("EXTERNAL_ENDPOINT_URL", "http://external-alerts/external/alerts");

// Without a connection string the middleware keeps its events in a SQLite file, which is right for one machine only.
if (builder.ExecutionContext.IsPublishMode || builder.Configuration.GetConnectionString("events") is not null)
{
    middleware.WithReference(builder.AddConnectionString("events"));
}

if (builder.ExecutionContext.IsRunMode)
{
    // Aspire kills what still runs 6 s after it told it to stop.
    middleware.WithEnvironment("SHUTDOWN_TIMEOUT", "4s");

    // What is configured for a run, such as QUEUE_SIZE=5 as an argument, is meant for the middleware.
    string[] settings =
    [
        "QUEUE_SIZE", "WORKER_COUNT", "MAX_ENDPOINTS", "MAX_WORKERS", "HTTP_TIMEOUT", "MAX_RETRIES", "BASE_DELAY", "REDELIVERY_SCHEDULE",
        "MAX_RETRY_AFTER",
        "MAX_EVENT_BYTES", "RETENTION", "DEAD_LETTER_RETENTION", "ALLOWED_NETWORKS", "AUTO_DISABLE_AFTER", "DATA_DIR", "SHUTDOWN_TIMEOUT",
    ];
    foreach (var setting in settings.Where(setting => builder.Configuration[setting] is not null))
    {
        middleware.WithEnvironment(setting, builder.Configuration[setting]);
    }
}

builder.Build().Run();
