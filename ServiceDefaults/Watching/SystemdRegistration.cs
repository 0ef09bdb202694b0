using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace ServiceDefaults.Watching;

internal static class SystemdRegistration
{
    private const string Socket = "NOTIFY_SOCKET";

    /// <summary>
    /// Reports the start and the stop to systemd where it waits for them (<c>Type=notify</c>). The package's own <c>AddSystemd</c> asks for the name of
    /// the parent process, which a wrapper has changed, and for another format of the log.
    /// </summary>
    public static void AddSystemd(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Watchdog>();
        if (Environment.GetEnvironmentVariable(Socket) is { Length: > 0 })
        {
            builder.Services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
        }
    }
}
