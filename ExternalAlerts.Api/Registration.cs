using System.Text.Json;
using ServiceDefaults.Settings;

namespace ExternalAlerts;

internal static class Registration
{
    /// <summary>Registers the alert log, the faults and the JSON of both.</summary>
    public static IServiceCollection AddExternalAlerts(this IServiceCollection services)
    {
        services.AddSettings(ControlKey.Read);
        services.AddSingleton<AlertLog>();
        services.AddSingleton<Faults>();
        services.AddSingleton<Misbehaviour>();
        services.AddSingleton(_ => new Random());
        return services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, AlertsJson.Default);
        });
    }
}
