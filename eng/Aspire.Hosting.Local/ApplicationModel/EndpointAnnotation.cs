namespace Aspire.Hosting.ApplicationModel;

internal sealed class EndpointAnnotation(string name, string scheme) : IResourceAnnotation
{
    public string Name => name;

    public string Scheme => scheme;

    public int? Port { get; init; }

    public string? PortVariable { get; init; }

    // Aspire gives every proxied endpoint a random port under test; one that is not proxied keeps its own.
    public bool IsProxied { get; init; } = true;

    public int? AllocatedPort { get; set; }
}
