using System.Collections;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Local;

/// <summary>The environment variables of a project's process; later ones win.</summary>
internal static class ProjectEnvironment
{
    // They are about the AppHost itself.
    private static readonly string[] NotInherited = ["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    public static async Task<IReadOnlyDictionary<string, string>> BuildAsync(
        IResource resource, string instanceId, CancellationToken cancellationToken)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => !NotInherited.Contains((string)variable.Key, StringComparer.OrdinalIgnoreCase))
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? string.Empty);

        if (resource.Annotations.OfType<LaunchProfileAnnotation>().FirstOrDefault()?.Profile is { } profile)
        {
            foreach (var (name, value) in profile.Variables)
            {
                environment[name] = value;
            }

            environment["DOTNET_LAUNCH_PROFILE"] = profile.Name;
        }
        else
        {
            environment.Remove("DOTNET_LAUNCH_PROFILE");
        }

        environment["OTEL_SERVICE_NAME"] = resource.Name;
        environment["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instanceId}";
        AddEndpoints(resource, environment);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentAnnotation>())
        {
            await annotation.ApplyAsync(environment, cancellationToken);
        }

        return environment;
    }

    private static void AddEndpoints(IResource resource, Dictionary<string, string> environment)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        foreach (var endpoint in endpoints)
        {
            if (endpoint.PortVariable is { } variable)
            {
                environment[variable] = $"{endpoint.AllocatedPort}";
            }
        }

        var urls = endpoints.Where(endpoint => endpoint.PortVariable is null)
            .Select(endpoint => $"{endpoint.Scheme}://localhost:{endpoint.AllocatedPort}").ToList();
        if (urls.Count > 0)
        {
            environment["ASPNETCORE_URLS"] = string.Join(';', urls);
        }
    }
}
