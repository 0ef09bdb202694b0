using Middleware;
using Middleware.Accepting;
using Middleware.Audit;
using Middleware.Callers;
using Middleware.DeadLetters;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Erasing;
using Middleware.Expiring;
using Middleware.Filtering;
using Middleware.Health;
using Middleware.Http;
using Middleware.Platform;
using Middleware.Replays;
using Middleware.Replicas;
using Middleware.Retention;
using Middleware.Sending;
using Middleware.Stats;
using Middleware.Storage;
using Middleware.Streaming;
using Middleware.Telemetry;
using ServiceDefaults;
using ServiceDefaults.Settings;

if (Commands.Find(args) is { } command)
{
    return await command();
}

InlineSockets.EnableIn(typeof(Program).Assembly);
var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(Commands.DefaultPort);
builder.Services
    .AddStorage()
    .AddTelemetry()
    .AddEndpoints()
    .AddFiltering()
    .AddCallers(builder.Configuration)
    .AddStreaming()
    .AddAccepting()
    .AddDelivering()
    .AddSending()
    .AddDeadLetters()
    .AddReplays()
    .AddErasing()
    .AddEndpointHealth()
    .AddStats()
    .AddRetention()
    .AddExpiring()
    .AddAudit()
    .AddReplicas()
    .AddSingleton<PlatformEvents>()
    .AddApi()
    .AddSettings(ShutdownSettings.Read);
Startup.AddTo(builder.Services);

return await builder.Build().RunServiceAsync(static app =>
{
    app.UseThreadPoolForAllThatMayBlock();
    app.UseServiceDefaults();
    app.UseBrowserRules();
    Gate.UseIn(app);

    var routes = app.MapWithHead();
    routes.MapDefaultEndpoints(static metrics => metrics.Needs(Scopes.Metrics));
    routes.MapApi();
});
