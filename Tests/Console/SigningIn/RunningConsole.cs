using AspireIntegration.Console;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;

namespace Tests.Console.SigningIn;

/// <summary>The console as it runs outside Development, on a port of its own.</summary>
internal sealed class RunningConsole : WebApplicationFactory<Caller>
{
    private readonly (string Name, string Value)[] _settings;

    /// <summary>Prepares a console for a middleware, with the keys of cookies in a folder.</summary>
    public RunningConsole(Uri middleware, string folder, params (string Name, string Value)[] settings)
    {
        _settings = [("MIDDLEWARE_URL", middleware.ToString()), ("DATA_DIR", folder), .. settings];
        UseKestrel();
    }

    public CapturedLog Log { get; } = new();

    public Uri Address => field ??= CreateClient().BaseAddress!;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // Files of a build lie where their projects have them.
        builder.UseEnvironment("Production").UseStaticWebAssets().UseSetting("urls", "http://127.0.0.1:0");
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
    }
}
