using Middleware.Storage.Memory;
using Middleware.UseCases;
using ServiceDefaults.Settings;

namespace Middleware.Storage;

/// <summary>Chooses the store by the connection string <c>events</c>.</summary>
internal static class StorageRegistration
{
    public static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddSettings(StoreSettings.Read)
        .AddSingleton<IEventStore, MemoryEventStore>();
}

/// <summary>Which store keeps the events.</summary>
internal sealed record StoreSettings
{
    public static StoreSettings Read(SettingsReader settings)
    {
        var connection = settings.Text("ConnectionStrings:events");
        if (connection is not (null or "" or "memory"))
        {
            // Connection strings bear passwords: the value is not repeated.
            settings.Refuse("ConnectionStrings__events", "(hidden)", "give nothing or memory");
        }

        return new StoreSettings();
    }
}
