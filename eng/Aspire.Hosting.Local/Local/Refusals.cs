using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Local;

/// <summary>What only Aspire's packages can do.</summary>
internal static class Refusals
{
    private const string NeedsPackages =
        "That needs the Aspire packages, and this AppHost was built without them (see docs/decisions/0001-aspire-stand-in.md).";

    public static void ThrowIfAny(IResourceCollection resources, DistributedApplicationExecutionContext context)
    {
        if (context.IsPublishMode)
        {
            throw new DistributedApplicationException($"Publishing was asked for. {NeedsPackages}");
        }

        foreach (var resource in resources)
        {
            if (resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault() is { Replicas: not 1 and var replicas })
            {
                throw new DistributedApplicationException($"{replicas} replicas of '{resource.Name}' were asked for. {NeedsPackages}");
            }
        }
    }
}
