using System.Reflection;
using Middleware.Endpoints;

namespace Middleware.Replicas;

/// <summary>The facts of this replica, whose start is the first look at them.</summary>
internal sealed class OwnFacts(ConfigGeneration generation, DeclareEndpoints declarations, TimeProvider clock)
{
    private static readonly string Version = typeof(OwnFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly DateTimeOffset _since = clock.GetUtcNow();

    /// <summary>Known when the endpoints of the configuration are declared.</summary>
    public ReplicaFacts Read() => new(Version, _since, generation.Number, declarations.IsApplied);
}
