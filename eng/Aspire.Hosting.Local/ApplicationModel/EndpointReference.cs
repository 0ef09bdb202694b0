namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint of a resource, whose address is known once the application starts.</summary>
public sealed class EndpointReference : IValueProvider
{
    internal EndpointReference(IResourceWithEndpoints resource, string endpointName)
    {
        Resource = resource;
        EndpointName = endpointName;
    }

    /// <summary>The resource that listens.</summary>
    public IResourceWithEndpoints Resource { get; }

    /// <summary>The endpoint's name, such as <c>http</c>.</summary>
    public string EndpointName { get; }

    /// <summary>Whether the resource has an endpoint of that name.</summary>
    public bool Exists => Find() is not null;

    /// <summary>Whether the port is known.</summary>
    public bool IsAllocated => Find()?.AllocatedPort is not null;

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme => Endpoint.Scheme;

    /// <summary>The port; throws <see cref="InvalidOperationException"/> before the start.</summary>
    public int Port => Endpoint.AllocatedPort
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of '{Resource.Name}' has no port before the start.");

    /// <summary>The address, such as <c>http://localhost:8080</c>.</summary>
    public string Url => $"{Scheme}://localhost:{Port}";

    private EndpointAnnotation Endpoint => Find()
        ?? throw new DistributedApplicationException($"The resource '{Resource.Name}' has no endpoint '{EndpointName}'.");

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<string?>(Url);

    private EndpointAnnotation? Find() => Resource.Annotations.OfType<EndpointAnnotation>()
        .FirstOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase));
}
