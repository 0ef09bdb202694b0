using System.Collections;
using Puppet;

if (Environment.GetEnvironmentVariable("PUPPET_EXIT_CODE") is { } exitCode)
{
    return int.Parse(exitCode, System.Globalization.CultureInfo.InvariantCulture);
}

var builder = WebApplication.CreateBuilder(args);
if (Environment.GetEnvironmentVariable("PUPPET_IGNORES_SIGTERM") is not null)
{
    builder.Services.AddSingleton<IHostLifetime, DeafLifetime>();
}

var health = builder.Configuration.GetValue("PUPPET_HEALTH", StatusCodes.Status200OK);
var app = builder.Build();
app.MapGet("/health/ready", () => Results.StatusCode(health));
app.MapPut("/health/{status:int}", (int status) => health = status);
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value));
Console.WriteLine("the puppet is up");
await app.RunAsync();
return 0;
