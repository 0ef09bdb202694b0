using System.Text.RegularExpressions;

namespace Tests.Deployment.Azure;

/// <summary>Resolves the references of a manifest, such as <c>{middleware.bindings.http.url}</c>.</summary>
/// <param name="manifest">The manifest.</param>
/// <param name="input">The value that is given for a parameter.</param>
/// <param name="address">A property of a binding, by its resource, its name and the property.</param>
internal sealed partial class ManifestReferences(JsonNode manifest, Func<string, string> input, Func<string, string, string, string> address)
{
    /// <summary>Resolves a text. Throws <see cref="FormatException"/> for one that leads nowhere, and for a brace that belongs to none.</summary>
    public string Resolve(string text)
    {
        if (Reference().Replace(text, "").AsSpan().IndexOfAny('{', '}') >= 0)
        {
            throw new FormatException($"{text} has a brace that belongs to no reference");
        }

        return Reference().Replace(text, match => Follow(match.Groups[1].Value));
    }

    /// <summary>The environment of a resource.</summary>
    public Dictionary<string, string> EnvironmentOf(string resource) =>
        manifest["resources"]![resource]!["env"]!.AsObject().ToDictionary(static variable => variable.Key, variable => Resolve(variable.Value!.ToString()));

    /// <summary>The value that the manifest has for a parameter which is not asked for; null for none.</summary>
    public static string? DefaultOf(JsonNode manifest, string parameter) => (string?)manifest["resources"]?[parameter]?["inputs"]?["value"]?["default"]?["value"];

    private string Follow(string reference)
    {
        var parts = reference.Split('.');
        var resource = manifest["resources"]?[parts[0]];
        return parts switch
        {
            [var name, "inputs", var given] when resource?["inputs"]?[given] is not null => input(name),
            [var name, "bindings", var binding, "url" or "targetPort"] when resource?["bindings"]?[binding] is not null => address(name, binding, parts[3]),
            [_, "value" or "connectionString"] when resource?[parts[1]] is JsonValue value => Resolve(value.ToString()),
            _ => throw new FormatException($"{{{reference}}} leads nowhere"),
        };
    }

    [GeneratedRegex(@"\{([A-Za-z0-9-]+(?:\.[A-Za-z0-9_-]+)+)\}")]
    private static partial Regex Reference();
}
