using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment =>
        builder.Annotate(new EnvironmentAnnotation((environment, _) =>
        {
            environment[name] = value ?? string.Empty;
            return ValueTask.CompletedTask;
        }));

    /// <summary>Sets an environment variable to text with values in it that are known at the start.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, in ReferenceExpression.ExpressionInterpolatedStringHandler value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(name, ReferenceExpression.Create(value));

    /// <summary>Sets an environment variable to an expression's value.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithEnvironment => builder.Annotate(new EnvironmentAnnotation(name, value));

    /// <summary>Sets an environment variable to an endpoint's address.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.Annotate(new EnvironmentAnnotation(name, endpointReference));

    /// <summary>Sets an environment variable to a parameter's value.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment => builder.Annotate(new EnvironmentAnnotation(name, parameter.Resource));

    /// <summary>Lets the resource find the other by its name, through <c>services__name__http__0</c> and <c>NAME_HTTP</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        var other = source.Resource;
        return builder.Annotate(new EnvironmentAnnotation((environment, _) =>
        {
            foreach (var endpoint in other.Annotations.OfType<EndpointAnnotation>())
            {
                var url = new EndpointReference(other, endpoint.Name).Url;
                environment[$"services__{other.Name}__{endpoint.Name}__0"] = url;
                environment[$"{other.Name}_{endpoint.Name}".Replace('-', '_').ToUpperInvariant()] = url;
            }

            return ValueTask.CompletedTask;
        }));
    }

    /// <summary>Gives the resource the connection string as <c>ConnectionStrings__name</c>; one that is optional may be missing.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var other = source.Resource;
        var variable = other.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName ?? other.Name}";
        return builder.Annotate(new EnvironmentAnnotation(async (environment, cancellationToken) =>
        {
            if (!optional || other is not ConfiguredConnectionString { IsConfigured: false })
            {
                environment[variable] = await other.GetConnectionStringAsync(cancellationToken) ?? string.Empty;
            }
        }));
    }
}
