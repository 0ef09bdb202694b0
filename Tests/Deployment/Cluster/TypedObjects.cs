using System.Reflection;
using k8s.Models;

namespace Tests.Deployment.Cluster;

/// <summary>Reads an object by the types of the client library: a member that its type does not have is an error, and so is a number in the place of text.</summary>
internal static class TypedObjects
{
    private static readonly Dictionary<string, Type> Types = typeof(V1Deployment).Assembly.GetTypes()
        .Select(static type => (Type: type, Entity: type.GetCustomAttribute<KubernetesEntityAttribute>()))
        .Where(static typed => typed.Entity is not null)
        .ToDictionary(static typed => NameOf(typed.Entity!.Group is { Length: > 0 } group ? $"{group}/{typed.Entity.ApiVersion}" : typed.Entity.ApiVersion, typed.Entity.Kind), static typed => typed.Type);

    static TypedObjects() => Types[NameOf("monitoring.coreos.com/v1", "ServiceMonitor")] = typeof(ServiceMonitor);

    /// <summary>Throws <see cref="JsonException"/> for a kind or a member that is unknown, and for a value of another type.</summary>
    public static object Read(JsonNode node) =>
        Types.TryGetValue(NameOf((string?)node["apiVersion"], (string?)node["kind"]), out var type)
            ? node.Deserialize(type, YamlText.Strict)!
            : throw new JsonException($"There is no {node["kind"]} in {node["apiVersion"]}.");

    private static string NameOf(string? version, string? kind) => $"{version} {kind}";
}
