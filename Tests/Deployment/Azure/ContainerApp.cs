using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Tests.Deployment.Azure;

/// <summary>
/// A container app as the API of Azure has it, as far as ours have members (Microsoft.App/containerApps, 2024-02-02-preview).
/// <c>azd</c> makes it of a file <c>AppHost/infra/*.tmpl.yaml</c>, a template of Go with some functions.
/// </summary>
internal sealed partial record ContainerApp(
    [property: JsonPropertyName("api-version")] string ApiVersion, string Location, ContainerApp.Identities Identity, ContainerApp.Members Properties, IReadOnlyDictionary<string, string> Tags)
{
    // Outputs of the infrastructure that azd makes.
    private static readonly string[] Outputs =
    [
        "AZURE_LOCATION", "AZURE_CONTAINER_REGISTRY_ENDPOINT", "AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID", "AZURE_CONTAINER_APPS_ENVIRONMENT_ID", "AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN",
    ];

    internal sealed record Identities(string Type, IReadOnlyDictionary<string, JsonObject> UserAssignedIdentities);

    internal sealed record Members(string EnvironmentId, Configured Configuration, Templated Template);

    internal sealed record Configured(string ActiveRevisionsMode, Reached Ingress, IReadOnlyList<Registry> Registries, IReadOnlyList<Secret>? Secrets = null);

    internal sealed record Reached(bool External, int TargetPort, string Transport, bool AllowInsecure, IReadOnlyList<Port>? AdditionalPortMappings = null);

    internal sealed record Port(int TargetPort, bool External);

    internal sealed record Registry(string Server, string Identity);

    internal sealed record Secret(string Name, string Value);

    internal sealed record Templated(int TerminationGracePeriodSeconds, IReadOnlyList<Container> Containers, Scaled Scale);

    internal sealed record Container(string Image, string Name, IReadOnlyList<Variable> Env, Reserved Resources, IReadOnlyList<Probe> Probes);

    internal sealed record Variable(string Name, string? Value = null, string? SecretRef = null);

    internal sealed record Reserved(double Cpu, string Memory);

    internal sealed record Probe(string Type, HttpGet HttpGet, int PeriodSeconds, int TimeoutSeconds, int FailureThreshold, int InitialDelaySeconds = 1);

    internal sealed record HttpGet(string Path, int Port);

    internal sealed record Scaled(int MinReplicas, int MaxReplicas);

    public static string FileOf(string resource) => $"AppHost/infra/{resource}.tmpl.yaml";

    /// <summary>The value of an output in tests.</summary>
    public static string OutputOf(string name) => $"{name.ToLowerInvariant().Replace('_', '-')}.test";

    /// <summary>
    /// Reads a resource's file with values for parameters, which have underscores for hyphens. Throws <see cref="FormatException"/> for an expression that
    /// <c>azd</c> does not know, and <see cref="JsonException"/> for a member or a value that the API does not know.
    /// </summary>
    public static ContainerApp Read(string resource, DeployedFiles files, IReadOnlyDictionary<string, string> parameters)
    {
        var text = Expression().Replace(files.Read(FileOf(resource)), match => Evaluate(match.Groups[1].Value, parameters));
        return YamlText.Parse(text).Deserialize<ContainerApp>(YamlText.Strict)!;
    }

    private static string Evaluate(string expression, IReadOnlyDictionary<string, string> parameters)
    {
        if (Call().Match(expression) is { Success: true } call)
        {
            // Go's %q and JSON write these texts alike.
            return JsonSerializer.Serialize(parameters.TryGetValue(call.Groups[2].Value, out var given) ? given
                : call.Groups[1].Value == "parameterWithDefault" && call.Groups[3].Success ? call.Groups[3].Value
                : throw new FormatException($"there is no parameter {call.Groups[2].Value}"));
        }

        return expression switch
        {
            ".Image" => "registry.test/image:1",
            _ when expression.StartsWith(".Env.", StringComparison.Ordinal) && Outputs.Contains(expression[5..]) => OutputOf(expression[5..]),
            _ when expression.StartsWith("targetPortOrDefault ", StringComparison.Ordinal) => expression.Split(' ')[1],
            _ => throw new FormatException($"azd does not know {expression}"),
        };
    }

    [GeneratedRegex(@"\{\{ (.+?) \}\}")]
    private static partial Regex Expression();

    [GeneratedRegex("""^(securedParameter|parameterWithDefault) "([a-z_]+)"(?: "([^"]*)")? \| printf "%q"$""")]
    private static partial Regex Call();
}
