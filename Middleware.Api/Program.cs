using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(defaultPort: 8080);

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();

return await app.RunServiceAsync();
