using ExternalAlerts;
using ServiceDefaults;
using ServiceDefaults.Health;

const int DefaultPort = 8081;
if (args is [HealthCommand.Word, .. var settings])
{
    return await HealthCommand.RunAsync(settings, DefaultPort);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(DefaultPort);
builder.Services.AddExternalAlerts();

return await builder.Build().RunServiceAsync(static app =>
{
    app.UseServiceDefaults();

    var routes = app.MapWithHead();
    routes.MapDefaultEndpoints();
    routes.MapAlerts();
    routes.MapFaults();
});
