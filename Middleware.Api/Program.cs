using Middleware;
using Middleware.Api;
using Middleware.Outbound;
using Middleware.Storage;
using Middleware.UseCases;
using Middleware.Workers;
using ServiceDefaults;

InlineSockets.EnableIn(typeof(Program).Assembly);
var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(defaultPort: 8080);
builder.Services
    .AddUseCases()
    .AddStorage()
    .AddOutbound()
    .AddWorkers()
    .AddApi();
Startup.AddTo(builder.Services);

var app = builder.Build();
app.UseThreadPoolForAllThatMayBlock();
app.UseServiceDefaults();
app.UseAllowedOrigins();

var routes = app.MapWithHead();
routes.MapDefaultEndpoints();
routes.MapApi();

return await app.RunServiceAsync();
