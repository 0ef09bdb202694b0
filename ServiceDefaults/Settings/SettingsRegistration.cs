using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ServiceDefaults.Settings;

/// <summary>Registers a record of settings that is read once, when the service starts.</summary>
public static class SettingsRegistration
{
    /// <summary>
    /// Makes <typeparamref name="T"/> available as a singleton. <see cref="ServiceHost.RunServiceAsync"/> reads it before anything starts and ends
    /// the process with one line for each bad setting. An earlier read throws <see cref="SettingsException"/>.
    /// </summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, Func<SettingsReader, T> read)
        where T : class
    {
        services.AddSingleton(provider => Read(provider, read));
        return services.AddSingleton(new SettingsCheck(provider => provider.GetRequiredService<T>()));
    }

    /// <summary>Checks settings that a framework reads, with those of <see cref="AddSettings"/>.</summary>
    public static IServiceCollection CheckSettings(this IServiceCollection services, Action<SettingsReader> check) => services.AddSingleton(new SettingsCheck(
        provider => Read(provider, reader =>
        {
            check(reader);
            return reader;
        })));

    private static T Read<T>(IServiceProvider provider, Func<SettingsReader, T> read)
    {
        var reader = new SettingsReader(provider.GetRequiredService<IConfiguration>());
        var settings = read(reader);
        return reader.Failures.Count == 0 ? settings : throw new SettingsException(reader.Failures);
    }
}

/// <summary>Thrown when settings with faults are read; each failure is a sentence for the operator.</summary>
public sealed class SettingsException(IReadOnlyList<string> failures) : Exception(string.Join(Environment.NewLine, failures))
{
    /// <summary>One sentence for each bad setting.</summary>
    public IReadOnlyList<string> Failures { get; } = failures;
}

internal sealed record SettingsCheck(Action<IServiceProvider> Read);
