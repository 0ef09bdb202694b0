using ExternalAlerts;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(defaultPort: 8081);
builder.Services.AddExternalAlerts();

var app = builder.Build();
app.UseServiceDefaults();

var routes = app.MapWithHead();
routes.MapDefaultEndpoints();
routes.MapAlerts();
routes.MapFaults();

return await app.RunServiceAsync();
