using ExternalAlerts;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(defaultPort: 8081);
builder.Services.AddExternalAlerts();

return await builder.Build().RunServiceAsync(static app =>
{
    app.UseServiceDefaults();

    var routes = app.MapWithHead();
    routes.MapDefaultEndpoints();
    routes.MapAlerts();
    routes.MapFaults();
});
