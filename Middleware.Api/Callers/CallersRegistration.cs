using Microsoft.IdentityModel.Protocols;
using Middleware.Http;
using ServiceDefaults;
using ServiceDefaults.Limits;
using ServiceDefaults.Settings;

namespace Middleware.Callers;

internal static class CallersRegistration
{
    private const int MostBytes = 1 << 20;

    private static readonly TimeSpan FetchLimit = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddCallers(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddSettings(AuthSettings.Read)
            .AddSettings(MetricsPort.Read)
            .AddSingleton<KeyRing>()
            .AddSingleton<ManageKeys>()
            .AddSingleton<TokenKeys>()
            .AddSingleton<Certificates>()
            .AddSingleton<Gate>()
            .AddSingleton<ClientOf>(static context => context.Features.Get<Caller>()?.Client)
            .AddSingleton<IDocumentRetriever>(static _ => new HttpDocumentRetriever(new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = FetchLimit, MaxResponseContentBufferSize = MostBytes })
            {
                // The settings refuse an authority without https that is not on this machine.
                RequireHttps = false,
            });

        // The handlers of ASP.NET Core look at every request, so they are there only for those who use them.
        if (new SettingsReader(configuration) is var settings && AuthSettings.Read(settings).Modes.HasFlag(AuthModes.Jwt))
        {
            Tokens.AddTo(services);
        }

        return services;
    }
}
