using k8s.Models;

namespace Tests.Deployment.Cluster;

/// <summary>The object of the Prometheus operator, as far as ours has members: no client library knows it.</summary>
internal sealed record ServiceMonitor(string ApiVersion, string Kind, V1ObjectMeta Metadata, ServiceMonitor.SpecMembers Spec)
{
    internal sealed record SpecMembers(V1LabelSelector Selector, IReadOnlyList<Scraped> Endpoints);

    /// <summary>A port of the service, by its name.</summary>
    internal sealed record Scraped(string Port, string Path, string Interval);
}
