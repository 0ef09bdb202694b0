using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Describes endpoints, health checks and the order of the start.</summary>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Starts the resource only when the other runs and is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport =>
        ReferenceEquals(builder.Resource, dependency.Resource)
            ? throw new DistributedApplicationException($"The resource '{builder.Resource.Name}' cannot wait for itself.")
            : builder.Annotate(new WaitAnnotation(dependency.Resource));

    /// <summary>Adds an HTTP endpoint; without a port it gets a free one.</summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints
    {
        name ??= "http";
        return builder.GetEndpoint(name).Exists
            ? throw new DistributedApplicationException($"The resource '{builder.Resource.Name}' has an endpoint '{name}' already.")
            : builder.Annotate(new EndpointAnnotation(name, "http")
            {
                Port = port ?? targetPort,
                PortVariable = env,
                IsProxied = isProxied ?? true,
            });
    }

    /// <summary>Marks the resource's HTTP endpoints as reachable from outside once deployed; here it changes nothing.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints => builder;

    /// <summary>Calls the resource healthy while a GET of the path answers with the status, by default / and 200.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var name = endpointName
            ?? builder.Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault()?.Name
            ?? throw new DistributedApplicationException(
                $"The resource '{builder.Resource.Name}' has no endpoint that a health check could ask.");

        return builder.Annotate(new HealthCheckAnnotation(builder.GetEndpoint(name), path ?? "/", statusCode ?? 200));
    }

    /// <summary>Refers to an endpoint of the resource by its name.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => new(builder.Resource, name);

    internal static IResourceBuilder<T> Annotate<T>(this IResourceBuilder<T> builder, IResourceAnnotation annotation)
        where T : IResource
    {
        builder.Resource.Annotations.Add(annotation);
        return builder;
    }
}
