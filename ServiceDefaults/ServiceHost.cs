using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Settings;

namespace ServiceDefaults;

/// <summary>Runs a service from the first check of its settings to its exit code.</summary>
public static class ServiceHost
{
    /// <summary>Runs until SIGTERM or SIGINT and returns 0; returns 1, with a line on standard error for each reason, when it cannot start.</summary>
    public static async Task<int> RunServiceAsync(this WebApplication app)
    {
        var failures = CheckSettings(app.Services);
        if (failures.Count > 0)
        {
            await app.DisposeAsync();
            return await RefuseAsync(failures);
        }

        Listening.Apply(app.Services);
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (StartRefusedException exception)
        {
            return await RefuseAsync([exception.Message]);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            return await RefuseAsync([$"PORT: {exception.Message} Stop what listens there or give another port."]);
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

    private static async Task<int> RefuseAsync(IEnumerable<string> reasons)
    {
        foreach (var reason in reasons)
        {
            await Console.Error.WriteLineAsync(reason);
        }

        return 1;
    }
}
