using ExternalAlerts;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(defaultPort: 8081);
builder.Services.AddExternalAlerts();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapAlerts();
app.MapFaults();

return await app.RunServiceAsync();
