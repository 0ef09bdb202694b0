using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Finds resources that have been added.</summary>
public static class DistributedApplicationBuilderExtensions
{
    /// <summary>Describes further the resource of that name and type; throws <see cref="InvalidOperationException"/> if there is none.</summary>
    public static IResourceBuilder<T> CreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, string name)
        where T : IResource =>
        builder.Resources.FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.OrdinalIgnoreCase)) is T found
            ? builder.CreateResourceBuilder(found)
            : throw new InvalidOperationException($"There is no {typeof(T).Name} named '{name}'.");
}
