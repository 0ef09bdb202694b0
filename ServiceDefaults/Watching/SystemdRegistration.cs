using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Watching;

internal static class SystemdRegistration
{
    /// <summary>
    /// Reports the start and the stop to systemd where it runs the service (<c>Type=notify</c>). The package asks for another format of the
    /// framework's console log, which is not there: the lines stay JSON.
    /// </summary>
    public static void AddSystemd(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSystemd();
        builder.Services.AddSingleton<Watchdog>();
    }
}
