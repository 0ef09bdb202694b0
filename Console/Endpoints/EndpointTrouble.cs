using AspireIntegration.Client.Operating;

namespace AspireIntegration.Console.Endpoints;

/// <summary>The trouble of endpoints, by which pages sort them.</summary>
internal static class EndpointTrouble
{
    /// <summary>More for more trouble; 0 for none.</summary>
    public static int Of(EndpointItem endpoint) => endpoint.Health.State switch
    {
        HealthState.Failing => 4,
        HealthState.Disabled when endpoint.DisabledReason is DisabledReason.Failing or DisabledReason.Gone => 4,
        HealthState.Degraded => 3,
        HealthState.Disabled => 1,
        _ => 0,
    };
}
