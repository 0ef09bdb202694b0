using OpenTelemetry.Resources;
using ServiceDefaults.Settings;

namespace Middleware.Storage;

/// <summary>
/// Names the instance of the service in its telemetry as the replica, unless <c>OTEL_RESOURCE_ATTRIBUTES</c> does. Processes with SQLite that have no name keep a random
/// one: several of a machine must be distinguishable.
/// </summary>
internal sealed class ReplicaResource(IConfiguration configuration) : IResourceDetector
{
    private const string Instance = "service.instance.id";

    public Resource Detect()
    {
        // Faults are left to the check of all settings, whose log needs this name.
        var settings = new SettingsReader(configuration);
        return StoreSettings.Read(settings).InstanceName is { } name && settings.Text("OTEL_RESOURCE_ATTRIBUTES")?.Contains($"{Instance}=", StringComparison.Ordinal) != true
            ? new Resource([new(Instance, name)])
            : Resource.Empty;
    }
}
