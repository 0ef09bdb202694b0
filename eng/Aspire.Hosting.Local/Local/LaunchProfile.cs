using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Local;

/// <summary>A profile of a project's Properties/launchSettings.json.</summary>
internal sealed record LaunchProfile(string Name, IReadOnlyDictionary<string, string> Variables, IReadOnlyList<Uri> Urls)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static LaunchProfile? Read(IProjectMetadata project, string? name, bool required) =>
        Read(Path.GetDirectoryName(project.ProjectPath)!, name, required);

    /// <summary>What <c>dotnet run</c> would put into the AppHost's environment, as configuration.</summary>
    public static ConfigurationManager Configuration(string projectDirectory)
    {
        var configuration = new ConfigurationManager();
        if (Read(projectDirectory, name: null, required: false) is { } profile)
        {
            configuration.AddInMemoryCollection(profile.Variables.Select(variable => KeyValuePair.Create(variable.Key, (string?)variable.Value)));
            configuration.AddInMemoryCollection(profile.Variables
                .Where(variable => variable.Key.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase))
                .Select(variable => KeyValuePair.Create(variable.Key["DOTNET_".Length..], (string?)variable.Value)));
            configuration["DOTNET_LAUNCH_PROFILE"] = profile.Name;
        }

        return configuration;
    }

    public IEnumerable<EndpointAnnotation> Endpoints() =>
        Urls.GroupBy(url => url.Scheme).SelectMany(group => group.Select((url, index) =>
            new EndpointAnnotation(index == 0 ? url.Scheme : $"{url.Scheme}{index + 1}", url.Scheme) { Port = url.Port }));

    private static LaunchProfile? Read(string projectDirectory, string? name, bool required)
    {
        var file = Path.Combine(projectDirectory, "Properties", "launchSettings.json");
        var profiles = File.Exists(file) ? ReadAll(file) : [];
        return profiles.Find(profile => profile.Name == name)
            ?? (required
                ? throw new DistributedApplicationException($"There is no launch profile '{name}' in {file}.")
                : profiles.FirstOrDefault());
    }

    private static List<LaunchProfile> ReadAll(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file), Lenient);
            return [.. document.RootElement.GetProperty("profiles").EnumerateObject()
                .Where(profile => profile.Value.TryGetProperty("commandName", out var command) && command.ValueEquals("Project"))
                .Select(profile => Parse(profile.Name, profile.Value))];
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or UriFormatException or InvalidOperationException)
        {
            throw new DistributedApplicationException($"{file} cannot be read: {fault.Message}", fault);
        }
    }

    private static LaunchProfile Parse(string name, JsonElement profile) => new(
        name,
        profile.TryGetProperty("environmentVariables", out var variables)
            ? variables.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value.GetString() ?? string.Empty)
            : [],
        profile.TryGetProperty("applicationUrl", out var urls)
            ? [.. urls.GetString()!.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => new Uri(url))]
            : []);
}
