using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServiceDefaults.Logging;
using ServiceDefaults.Settings;
using ServiceDefaults.Tls;
using ServiceDefaults.Watching;

namespace ServiceDefaults;

/// <summary>Runs a service from the first check of its settings to its exit code.</summary>
public static class ServiceHost
{
    /// <summary>
    /// Runs until SIGTERM, SIGINT, SIGHUP or SIGQUIT and returns 0. Returns 1, with a line on standard error for each reason, when it cannot start or
    /// ends by a defect.
    /// </summary>
    /// <param name="app">The service.</param>
    /// <param name="compose">Adds the handlers and routes. They may read settings: all have been checked by then.</param>
    public static async Task<int> RunServiceAsync(this WebApplication app, Action<WebApplication> compose)
    {
        var clock = app.Services.GetRequiredService<TimeProvider>();
        await using (app)
        {
            // The host listens for some of these, and only once it starts.
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
            using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop);

            var failures = CheckSettings(app.Services);
            if (failures.Count > 0)
            {
                return Refuse(clock, failures);
            }

            return await RunUntilStoppedAsync(app, compose, clock);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            app.Lifetime.StopApplication();
        }
    }

    private static async Task<int> RunUntilStoppedAsync(WebApplication app, Action<WebApplication> compose, TimeProvider clock)
    {
        try
        {
            compose(app);
            Listening.Apply(app.Services);
            app.Services.GetRequiredService<TlsListening>().Follow(app.Services.GetRequiredService<IServer>(), app.Lifetime);
            await app.Services.GetRequiredService<HostStart>().RunAsync(() => app.StartAsync(CancellationToken.None));
            await using var watchdog = Watchdog.StartIn(app.Services);
            await app.WaitForShutdownAsync(CancellationToken.None);
            return 0;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // A stop during the start ends the started parts and is a stop like any other.
            await app.StopAsync(CancellationToken.None);
            return 0;
        }
        catch (SettingsException exception)
        {
            return Refuse(clock, exception.Failures);
        }
        catch (StartRefusedException exception)
        {
            return Refuse(clock, [exception.Message]);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            return Refuse(clock, [$"{Listening.SettingOf(app.Services)}: {exception.Message} Stop what listens there or give another port."]);
        }
        catch (Exception exception) when (Listening.IsFailure(exception))
        {
            return Refuse(clock, [$"{Listening.SettingOf(app.Services)}: {exception.Message}"]);
        }
        catch (Exception exception)
        {
            LastLine.Write(clock, "the service ended by a defect", [exception.Message], exception);
            return 1;
        }
    }

    private static List<string> CheckSettings(IServiceProvider services)
    {
        var failures = new List<string>();
        foreach (var check in services.GetServices<SettingsCheck>())
        {
            try
            {
                check.Read(services);
            }
            catch (SettingsException exception)
            {
                failures.AddRange(exception.Failures);
            }
        }

        return failures;
    }

    private static int Refuse(TimeProvider clock, IEnumerable<string> reasons)
    {
        LastLine.Write(clock, "the service does not start", reasons.Distinct());
        return 1;
    }
}
