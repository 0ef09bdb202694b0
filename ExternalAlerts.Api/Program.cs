using ExternalAlerts;
using ServiceDefaults;

const int DefaultPort = 8081;
if (new ServiceCommands(typeof(AlertLog).Assembly, "Receives alerts.", DefaultPort).Find(args) is { } command)
{
    return await command();
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
